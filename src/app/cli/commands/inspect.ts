// SPDX-License-Identifier: Apache-2.0
/** `posthaste inspect`: what a mail that came back says, and which message of ours it is about. */
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { SystemClock } from '../../../base/clock.ts'
import { messageOf, RelayError } from '../../../base/errors.ts'
import { reportLimits } from '../../../base/limits/feedback-limits.ts'
import { messageIdOf } from '../../../events/ids.ts'
import { findToken } from '../../../feedback/evidence.ts'
import { classifyReported } from '../../../protocol/classify/classify-reported.ts'
import { readReport } from '../../../protocol/report/read-report.ts'
import type { ConcernedRecipient, ReadReport } from '../../../protocol/report/report-facts.ts'
import { TokenSealer } from '../../../protocol/token.ts'
import { readKeyFile } from '../../key-file.ts'
import { facts, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Style, Terminal } from '../terminal.ts'

const HELP = `
Examples:
  posthaste inspect bounce.eml
  posthaste inspect --json maildir/new/* | jq -r 'select(.kind == "bounce") | .recipients[].address'`

export function define(command: Command, shell: Shell): void {
  command
    .argument('<file...>', 'a mail each, as it lies in a mailbox or came by SMTP')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[]) => {
      const sealer = await sealerOf(shell)
      let unreadable = 0
      for (const file of files) {
        const octets = await beginningOf(file)
        if (octets instanceof Uint8Array) say(shell.terminal, file, octets, sealer)
        else {
          unreadable++
          shell.terminal.note(`${file}: ${octets}`)
        }
      }
      if (unreadable > 0)
        throw new RelayError('RLY_USAGE', `${unreadable} of ${files.length} files cannot be read`)
    })
}

/** `null`: there is no installation here, so no token can be told from any other word. */
async function sealerOf(shell: Shell): Promise<TokenSealer | null> {
  try {
    return new TokenSealer(readKeyFile((await shell.config()).keyFile))
  } catch (thrown) {
    // A mail can be read anywhere; a configuration that is there and wrong is said.
    if (!(thrown instanceof RelayError) || thrown.code !== 'RLY_CONFIG_MISSING') throw thrown
    return null
  }
}

/** As much as is ever looked at; or why not, in words. */
async function beginningOf(file: string): Promise<Uint8Array | string> {
  try {
    await using handle = await open(file)
    const octets = Buffer.alloc(reportLimits.octets)
    let length = 0
    for (;;) {
      // Where it stands, and not at a place: a pipe has none.
      const { bytesRead } = await handle.read(octets, length, octets.length - length, null)
      length += bytesRead
      if (bytesRead === 0 || length === octets.length) return octets.subarray(0, length)
    }
  } catch (thrown) {
    // Not there, closed to us, a folder.
    return messageOf(thrown)
  }
}

function say(
  terminal: Terminal,
  file: string,
  octets: Uint8Array,
  sealer: TokenSealer | null,
): void {
  const report = readReport(octets)
  const { kind, form, feedbackType, reportingMta, recipients } = report
  const found = sealer && findToken(octets, report.returned, sealer, new SystemClock().now())
  const message = found === null ? null : messageIdOf(found.token.messageId)
  const each = recipients.map(classified)
  const value = { file, kind, form, feedbackType, reportingMta, recipients: each, message }
  terminal.result(value, () => inWords(terminal, file, report, message))
}

/** With what its failure means; `null` where it did not fail. */
function classified(recipient: ConcernedRecipient) {
  const meaning = classifyReported(recipient)
  return {
    ...recipient,
    class: meaning?.class ?? null,
    coarse: meaning?.coarse ?? null,
    permanent: meaning?.isPermanent ?? null,
    fault: meaning?.fault ?? null,
    rule: meaning?.rule ?? null,
  }
}

const styles: Readonly<Record<ReadReport['kind'], Style>> = {
  bounce: 'red',
  complaint: 'red',
  delayed: 'yellow',
  unsubscribe: 'yellow',
  'auto-reply': 'cyan',
  other: 'dim',
}

function inWords(
  terminal: Terminal,
  file: string,
  { kind, form, feedbackType, reportingMta, recipients }: ReadReport,
  message: string | null,
): string {
  const head = facts(terminal, [
    ['file', { text: file, style: 'bold' }],
    ['kind', { text: kind, style: styles[kind] }],
    ['known by', form === 'none' ? null : form],
    ['feedback', feedbackType],
    ['reported by', reportingMta],
    ['message', message],
  ])
  const rows = recipients.map(rowOf)
  if (rows.length === 0) return `${head}\n`
  return `${head}\n\n${table(terminal, HEADINGS, rows)}\n`
}

const HEADINGS = ['recipient', 'action', 'status', 'code', 'class', 'what was said']

function rowOf(recipient: ConcernedRecipient): readonly string[] {
  const { address, action, status, code, text } = recipient
  const meaning = classifyReported(recipient)
  const shown = [address ?? '(left out)', action, status ?? '', code === null ? '' : String(code)]
  return [...shown, meaning?.class ?? '', text]
}
