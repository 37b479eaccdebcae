import { toBase64, utf8 } from './bytes'

/** The hash by which the server finds a name that it cannot read: SHA-256 of project id and name, in base64url. */
export async function hashName(projectId: number | bigint, name: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(`${projectId}${name}`))
  return toBase64(new Uint8Array(digest)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
