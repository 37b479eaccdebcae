import { useState } from 'preact/hooks'

import type { AccessKeySettings, Permission } from '../../api'
import { firstWrongLine, splitLines } from '../../domain/ip-restriction'
import { RadioGroup, TextArea } from '../../ui/form'

/** The two settings that an access key has. */
export function useSettings(initial: AccessKeySettings) {
  const [permission, setPermission] = useState<Permission>(initial.permission)
  const [addresses, setAddresses] = useState(initial.restrict_ip.join('\n'))
  const [tried, setTried] = useState(false)
  const lines = splitLines(addresses)
  const wrong = firstWrongLine(lines)
  const problem =
    wrong === undefined
      ? undefined
      : `“${wrong}” is neither an IP address nor a network such as 10.0.0.0/8 or 2001:db8::/32.`

  const fields = (
    <>
      <RadioGroup
        label="Permission"
        value={permission}
        onValue={setPermission}
        options={[
          { value: 'read', label: 'Read', hint: 'Retrieves all secrets of the project.' },
          { value: 'read-write', label: 'Read & Write', hint: 'Retrieves, creates and updates them.' },
        ]}
      />
      <TextArea
        label="IP restriction (optional)"
        hint="One address or network per line. Calls from elsewhere are refused. Empty: any address."
        value={addresses}
        onValue={setAddresses}
        placeholder={'203.0.113.7\n10.0.0.0/8'}
        error={tried ? problem : undefined}
      />
    </>
  )
  /** The settings, or `undefined` once what is wrong with them is on the screen. */
  const settings = (): AccessKeySettings | undefined => {
    setTried(true)
    return problem === undefined ? { permission, restrict_ip: lines } : undefined
  }
  return { fields, settings }
}
