// SPDX-License-Identifier: Apache-2.0
/**
 * The submitter of the crash test: connections that hand in one letter after the other until the relay is gone, and a
 * book of what the relay answered.
 */
import { SmtpDialog } from '../support/smtp-dialog.ts'
import { type Letter, type LetterWriter, SENDER, streamOf } from './letter.ts'

const CLOSED = '(closed)'

/** What the submitter knows. */
export class Book {
  /** Recipients of letters that got a 250, and of those whose content was sent and never answered. */
  readonly accepted = new Set<string>()
  readonly unanswered = new Set<string>()
  /** First replies of letters that were refused; none is expected. */
  readonly refusals: string[] = []

  sent({ recipients }: Letter): void {
    for (const recipient of recipients) this.unanswered.add(recipient)
  }

  answered({ recipients }: Letter, reply: string): void {
    for (const recipient of recipients) this.unanswered.delete(recipient)
    if (!reply.startsWith('250')) this.refusals.push(reply)
    else for (const recipient of recipients) this.accepted.add(recipient)
  }
}

export interface LoadTarget {
  readonly port: number
  readonly secret: string
}

/** Resolves when the relay has gone away and every connection with it. */
export async function submitUntilGone(
  target: LoadTarget,
  connections: number,
  writer: LetterWriter,
  book: Book,
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, (_, at) => converse(target, streamOf(at), writer, book)),
  )
}

async function converse(
  { port, secret }: LoadTarget,
  stream: string,
  writer: LetterWriter,
  book: Book,
): Promise<void> {
  const dialog = await SmtpDialog.open(port).catch(() => null)
  // The relay was killed before it answered the connection.
  if (dialog === null) return
  const login = Buffer.from(`\0${stream}\0${secret}`).toString('base64')
  const isReady =
    (await expect(dialog, '220')) &&
    (await expect(dialog, '250', 'EHLO crash.example')) &&
    (await expect(dialog, '235', `AUTH PLAIN ${login}`))
  if (isReady) while (await submit(dialog, writer.next(), book));
  await dialog[Symbol.asyncDispose]()
}

/** `false` when the relay is gone. */
async function submit(dialog: SmtpDialog, letter: Letter, book: Book): Promise<boolean> {
  const { recipients, isChunked } = letter
  const commands = [`MAIL FROM:<${SENDER}>`, ...recipients.map((to) => `RCPT TO:<${to}>`)]
  dialog.send(`${commands.join('\r\n')}\r\n`)
  for (const _ of commands) if (!(await expect(dialog, '250'))) return false
  if (!isChunked && !(await expect(dialog, '354', 'DATA'))) return false
  book.sent(letter)
  const reply = isChunked ? await sendChunks(dialog, letter) : await sendData(dialog, letter)
  if (reply !== CLOSED) book.answered(letter, reply)
  return reply !== CLOSED
}

function sendData(dialog: SmtpDialog, { content }: Letter): Promise<string> {
  dialog.send(`${content.replaceAll('\r\n.', '\r\n..')}.\r\n`)
  return dialog.reply()
}

/** RFC 3030, two chunks without a wait between them. */
async function sendChunks(dialog: SmtpDialog, { content }: Letter): Promise<string> {
  const half = content.length >> 1
  dialog.send(`BDAT ${half}\r\n${content.slice(0, half)}`)
  dialog.send(`BDAT ${content.length - half} LAST\r\n${content.slice(half)}`)
  const first = await dialog.reply()
  return first.startsWith('250') ? dialog.reply() : first
}

/** `false` when the relay is gone; throws where it answers something else. */
async function expect(dialog: SmtpDialog, code: string, line?: string): Promise<boolean> {
  const reply = line === undefined ? await dialog.reply() : await dialog.say(line)
  if (reply === CLOSED) return false
  if (!reply.startsWith(code)) throw new Error(`expected ${code}, the relay said: ${reply}`)
  return true
}
