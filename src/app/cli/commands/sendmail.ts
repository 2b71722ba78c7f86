// SPDX-License-Identifier: Apache-2.0
/** `posthaste sendmail`: what programs call that know sendmail alone. PHP: `sendmail_path = "posthaste sendmail -t -i"`. */
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import { messageOf, RelayError } from '../../../base/errors.ts'
import type { LocalMessage } from '../../sendmail/local-message.ts'
import type { Shell } from '../shell.ts'

const HELP = `
Takes the options of sendmail: -t (recipients from To, Cc, Bcc), -i (a dot ends nothing), -f ADDRESS, -F NAME; others are
read and not used.

The relay's user and root need nothing more: the message goes in by the control socket. Other users name a credential:
  POSTHASTE_SECRET_FILE   a file that holds its secret
  POSTHASTE_SUBMISSION    address and port of a listener with STARTTLS (default: 127.0.0.1:2525)
And for all:
  POSTHASTE_TENANT        whose mail it is, by the control socket (default: default)
  POSTHASTE_ORIGIN        domain for names without one, such as root (default: this host's name)

Examples:
  posthaste sendmail -t -i < message.eml
  ln -s "$(command -v posthaste)" /usr/sbin/sendmail`

export function define(command: Command, shell: Shell): void {
  command
    .argument('[recipients...]')
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption('--help', 'say more')
    .addHelpText('after', HELP)
    .action(async () => {
      const { parseSendmailArguments } = await import('../../sendmail/sendmail-arguments.ts')
      const { localMessage } = await import('../../sendmail/local-message.ts')
      const call = parseSendmailArguments(command.args)
      const domain = shell.environment['POSTHASTE_ORIGIN'] ?? hostname()
      const user = { name: userInfo().username, domain }
      await send(shell, localMessage(await buffer(process.stdin), call, user))
    })
}

/** Says nothing where all is well, as sendmail does. */
async function send(shell: Shell, message: LocalMessage): Promise<void> {
  const secretFile = shell.environment['POSTHASTE_SECRET_FILE']
  if (secretFile === undefined) return await sendLocally(shell, message)
  const { handIn } = await import('../../sendmail/hand-in.ts')
  const place = shell.environment['POSTHASTE_SUBMISSION'] ?? '127.0.0.1:2525'
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(place) ?? []
  if (host === undefined)
    throw new RelayError('RLY_USAGE', `POSTHASTE_SUBMISSION is "${place}", expected address:port`)
  const secret = secretIn(secretFile)
  await handIn(message, { host, port: Number(port), secret, hostname: hostname() })
}

async function sendLocally(shell: Shell, message: LocalMessage): Promise<void> {
  const relay = await shell.relay()
  try {
    await relay.post('/v1/send', {
      tenant: shell.environment['POSTHASTE_TENANT'] ?? 'default',
      stream: null,
      reversePath: message.reversePath,
      recipients: message.recipients,
      content: message.content.toString('base64'),
    })
  } catch (thrown) {
    // The caller tries again only where it is told that this may help.
    if (thrown instanceof RelayError && thrown.code === 'RLY_REFUSED' && /^4/.test(thrown.message))
      throw new RelayError('RLY_BUSY', thrown.message, { cause: thrown })
    throw thrown
  }
}

function secretIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (thrown) {
    // Whatever the file system says.
    throw new RelayError('RLY_USAGE', `POSTHASTE_SECRET_FILE: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  }
}
