// SPDX-License-Identifier: Apache-2.0
/** `posthaste send`: a message from the shell, through the running relay. */
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import * as messages from '../../../api/resources/messages.ts'
import { RelayError } from '../../../base/errors.ts'
import type { Sent } from '../../../control/desk/mail-desk.ts'
import { withCrlf } from '../../../protocol/message/line-ends.ts'
import type { Shell } from '../shell.ts'

const HELP = `
Examples:
  posthaste send --from shop@example.com --to jane@example.net --subject Hello --text "It works."
  posthaste send --from shop@example.com --to jane@example.net --file message.eml`

interface SendFlags {
  readonly from: string
  readonly to: readonly string[]
  readonly subject?: string
  readonly text?: string
  readonly file?: string
  readonly tenant?: string
  readonly stream?: string
  readonly sandbox?: true
}

export function define(command: Command, shell: Shell): void {
  command
    .requiredOption('--from <address>', 'sender, in the envelope and in From')
    .requiredOption('--to <address...>', 'recipients')
    .option('--subject <text>', 'subject')
    .option('--text <text>', 'text; "-" reads standard input')
    .option('--file <message>', 'a whole message (RFC 5322) from a file; "-" reads standard input')
    .option('--tenant <tenant>', 'whose mail it is (default: "default", or the key\'s)')
    .option('--stream <stream>', "stream (default: the tenant's)")
    .option('--sandbox', 'do everything, and give it to nobody but the simulated receiver')
    .addHelpText('after', HELP)
    .action(async (flags: SendFlags) => {
      const content = await contentOf(flags)
      const { messageId, suppressed } = await handIn(shell, flags, content)
      shell.terminal.result({ messageId, suppressed }, (terminal) => {
        const next = terminal.styled('cyan', `posthaste trace ${messageId}`)
        const kept = suppressed.map(({ reason, recipient }) =>
          terminal.styled('yellow', `not sent to ${recipient}: suppressed (${reason})\n`),
        )
        return `accepted as ${terminal.styled('bold', messageId)}\n${kept.join('')}${next} shows where it is`
      })
    })
}

async function handIn(shell: Shell, flags: SendFlags, content: Buffer): Promise<Sent> {
  const { from, sandbox = false, stream = null, to } = flags
  const raw = content.toString('base64')
  // A key knows its tenant; the operator has the one that "init" made.
  const tenant = flags.tenant ?? (shell.isRemote ? undefined : 'default')
  const { id, suppressed } = await shell.withApi((api) =>
    api.call(messages.sendRaw, {
      query: { tenant },
      body: { raw, envelope: { from, to }, stream, sandbox },
    }),
  )
  return { messageId: id, suppressed }
}

async function contentOf(flags: SendFlags): Promise<Buffer> {
  if (flags.file !== undefined) return withCrlf(await read(flags.file))
  if (flags.subject === undefined && flags.text === undefined)
    throw new RelayError('RLY_USAGE', 'nothing to send: give --subject and --text, or --file')
  const text = flags.text === '-' ? (await buffer(process.stdin)).toString() : (flags.text ?? '')
  const fields = [
    `From: <${oneLine(flags.from)}>`,
    `To: ${flags.to.map((to) => `<${oneLine(to)}>`).join(', ')}`,
    `Subject: ${encodedWord(oneLine(flags.subject ?? ''))}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ]
  return withCrlf(Buffer.from(`${fields.join('\n')}\n\n${text}\n`))
}

async function read(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin)
  try {
    return readFileSync(file)
  } catch (thrown) {
    // Whatever the file system says.
    throw new RelayError('RLY_USAGE', `${file} cannot be read`, { cause: thrown })
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

/** RFC 2047, where the text is not ASCII. */
function encodedWord(text: string): string {
  const isAscii = /^[\x20-\x7e]*$/.test(text)
  return isAscii ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
}
