// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of sendmail, as mail programs, PHP and cron call it. What concerns sendmail's own queue and daemons is not
 * here and is refused; what only tunes a delivery is read and not used.
 */
import { RelayError } from '../../base/errors.ts'

export interface SendmailCall {
  /** `-t`: recipients stand in the header section too. */
  readonly readsRecipients: boolean
  /** Without `-i` a line that is a dot alone ends the message. */
  readonly endsAtDot: boolean
  /** `-f`, `-r`; empty is the null reverse-path; `null`: not told. */
  readonly sender: string | null
  /** `-F`. */
  readonly fullName: string | null
  readonly recipients: readonly string[]
}

/** Letters that take a value, attached or as the next argument (Postfix's sendmail(1)). */
const WITH_VALUE = 'ABCFLNORVXbefhopqr'
/** Ways to run that hand in a message; all others (-bd, -bp, -bs, …) are of a daemon or of a queue. */
const HANDING_IN = 'm'

/** Throws `RLY_USAGE`. */
export function parseSendmailArguments(args: readonly string[]): SendmailCall {
  const recipients: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? ''
    if (argument === '--') {
      recipients.push(...args.slice(at + 1))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      recipients.push(argument)
      continue
    }
    for (let letter = 1; letter < argument.length; letter++) {
      const name = argument.charAt(letter)
      if (!WITH_VALUE.includes(name)) {
        flags.add(name)
        continue
      }
      const attached = argument.slice(letter + 1)
      take(name, attached === '' && name !== 'q' ? (args[++at] ?? missing(name)) : attached)
      break
    }
  }
  return {
    readsRecipients: flags.has('t'),
    endsAtDot: !flags.has('i'),
    sender: values.get('f') ?? null,
    fullName: values.get('F') ?? null,
    recipients,
  }

  function take(name: string, value: string): void {
    if (name === 'q' || (name === 'b' && value !== HANDING_IN))
      throw new RelayError(
        'RLY_USAGE',
        `"sendmail -${name}${value}" is of a mail server with queues of its own; here "posthaste queue list" shows them`,
      )
    if (name === 'o' && value === 'i') flags.add('i')
    else values.set(name === 'r' ? 'f' : name, value)
  }
}

function missing(name: string): never {
  throw new RelayError('RLY_USAGE', `"sendmail -${name}" needs a value`)
}
