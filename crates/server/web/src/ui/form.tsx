import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

interface FieldProps {
  label: string
  hint?: ComponentChildren
  error?: string | undefined
}

interface Ids {
  id: string
  describedBy: string | undefined
}

/** A label, what belongs to it, what it means and what is wrong with it. */
function Field({ label, hint, error, children }: FieldProps & { children: (ids: Ids) => ComponentChildren }) {
  const id = useId()
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, describedBy })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

interface TextProps extends FieldProps {
  value: string
  onValue: (value: string) => void
  type?: 'text' | 'email' | 'url' | 'search'
  autocomplete?: string
  required?: boolean
  maxLength?: number
  autofocus?: boolean
  monospace?: boolean
}

export function TextField(props: TextProps) {
  const { value, onValue, type = 'text', autocomplete = 'off', monospace = false } = props
  const input = useFocusOnce<HTMLInputElement>(props.autofocus)
  return (
    <Field {...props}>
      {({ id, describedBy }) => (
        <input
          ref={input}
          id={id}
          class={monospace ? 'mono' : undefined}
          // The types of the elements want one at a time.
          type={type as 'text'}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          autocomplete={autocomplete}
          autocapitalize="off"
          spellcheck={false}
          required={props.required}
          maxLength={props.maxLength}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={describedBy}
        />
      )}
    </Field>
  )
}

interface AreaProps extends FieldProps {
  value: string
  onValue: (value: string) => void
  rows?: number
  autofocus?: boolean
  placeholder?: string
}

export function TextArea(props: AreaProps) {
  const { value, onValue, rows = 3 } = props
  const area = useFocusOnce<HTMLTextAreaElement>(props.autofocus)
  return (
    <Field {...props}>
      {({ id, describedBy }) => (
        <textarea
          ref={area}
          id={id}
          class="mono"
          rows={rows}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={props.placeholder}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={describedBy}
        />
      )}
    </Field>
  )
}

interface PasswordProps extends FieldProps {
  value: string
  onValue: (value: string) => void
  isNew?: boolean
  autofocus?: boolean
}

export function PasswordField(props: PasswordProps) {
  const { value, onValue, isNew = false } = props
  const [shown, setShown] = useState(false)
  const input = useFocusOnce<HTMLInputElement>(props.autofocus)
  return (
    <Field {...props}>
      {({ id, describedBy }) => (
        <div class="with-button">
          <input
            ref={input}
            id={id}
            type={(shown ? 'text' : 'password') as 'password'}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
            autocomplete={isNew ? 'new-password' : 'current-password'}
            autocapitalize="off"
            spellcheck={false}
            required
            aria-invalid={props.error ? true : undefined}
            aria-describedby={describedBy}
          />
          <button
            type="button"
            class="quiet"
            aria-label={`${shown ? 'Hide' : 'Show'} the ${props.label.toLowerCase()}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    </Field>
  )
}

interface SelectProps<T extends string> extends FieldProps {
  value: T
  onValue: (value: T) => void
  options: readonly { value: T; label: string }[]
}

export function SelectField<T extends string>(props: SelectProps<T>) {
  const { value, onValue, options } = props
  return (
    <Field {...props}>
      {({ id, describedBy }) => (
        <select
          id={id}
          value={value}
          onChange={(event) => onValue(event.currentTarget.value as T)}
          aria-describedby={describedBy}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface RadioProps<T extends string> {
  label: string
  value: T
  onValue: (value: T) => void
  options: readonly { value: T; label: string; hint: string }[]
}

export function RadioGroup<T extends string>({ label, value, onValue, options }: RadioProps<T>) {
  const name = useId()
  return (
    <fieldset class="radios">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} class="radio">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
          <span>
            <span class="radio-label">{option.label}</span>
            <span class="hint">{option.hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

interface FormProps {
  onSubmit: () => void
  error?: string | undefined
  /** The buttons, below what went wrong. */
  actions: ComponentChildren
  children: ComponentChildren
}

/** A form that the page handles itself, and what became of the last attempt. */
export function Form({ onSubmit, error, actions, children }: FormProps) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
        const form = event.currentTarget
        // What is wrong is marked by then.
        requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid]')?.focus())
      }}
    >
      {children}
      <Failure text={error} />
      {actions}
    </form>
  )
}

/** Always there, so that what appears in it is read out. */
export function Failure({ text }: { text: string | undefined }) {
  return <div role="alert">{text && <p class="failure">{text}</p>}</div>
}

interface ActionsProps {
  submit: string
  busy: boolean
  danger?: boolean
  disabled?: boolean
  onCancel: () => void
}

/** The buttons of a dialog. */
export function Actions({ submit, busy, danger = false, disabled = false, onCancel }: ActionsProps) {
  return (
    <div class="actions">
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
      <button
        type="submit"
        class={danger ? 'danger' : 'primary'}
        aria-disabled={busy || undefined}
        disabled={disabled}
      >
        {busy ? 'One moment…' : submit}
      </button>
    </div>
  )
}

function useFocusOnce<T extends HTMLElement>(wanted = false) {
  const element = useRef<T>(null)
  useEffect(() => {
    if (wanted) element.current?.focus()
  }, [])
  return element
}
