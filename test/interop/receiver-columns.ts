// SPDX-License-Identifier: Apache-2.0
/** What is exercised between us and a program that takes mail, and how each is judged. */
import assert from 'node:assert/strict'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import type { BouncedEvent, DeliveredEvent } from '../../src/events/event.ts'
import { inTime } from '../support/in-time.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import type { RunningSink } from '../support/running-sink.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'
import { endsWith } from './client-columns.ts'
import { type InteropStage, SENDER } from './interop-stage.ts'
import { NotSpoken } from './matrix.ts'
import type { Receiver } from './receivers/receiver.ts'
import { awkwardContent, bigContent, eightBitContent, plainContent } from './sample-content.ts'

/** A receiver at work on the stage. */
export interface ReceiverScene {
  readonly stage: InteropStage
  readonly receiver: Receiver
  /** Where it sends on what it took. */
  readonly store: RunningSink
  /** Leads to the port that offers what it can, and to the one without STARTTLS. */
  readonly domain: string
  readonly clearDomain: string
  readonly unknown: string
  /** Of this cell alone. */
  readonly subject: string
}

interface Sending {
  readonly recipients: readonly string[]
  readonly content: Buffer
  /** After the paths of MAIL and of each RCPT. */
  readonly mail: string
  readonly rcpt: string
}

export const receiverColumns: Readonly<Record<string, (scene: ReceiverScene) => Promise<void>>> = {
  async plain(scene) {
    const [event] = await goesThrough(scene, { recipients: [`jane@${scene.clearDomain}`] })
    assert.equal(event?.tls, null)
  },

  async STARTTLS(scene) {
    await unlessUnspoken(scene, 'STARTTLS')
    const [event] = await goesThrough(scene)
    assert.match(event?.tls?.version ?? 'none', /^TLSv1\.[23]$/)
  },

  async PIPELINING(scene) {
    await unlessUnspoken(scene, 'PIPELINING')
    const [event] = await goesThrough(scene)
    assert.match(saidTo(event), /^C: MAIL FROM:.*\nC: RCPT TO:/m)
  },

  async '8BITMIME'(scene) {
    await unlessUnspoken(scene, '8BITMIME')
    const content = eightBitContent(scene.subject)
    const [event] = await goesThrough(scene, { content, mail: ' BODY=8BITMIME' })
    assert.match(saidTo(event), /^C: MAIL FROM:.* BODY=8BITMIME/m)
  },

  async SMTPUTF8(scene) {
    await unlessUnspoken(scene, 'SMTPUTF8')
    const recipients = [`jané@${scene.domain}`]
    const [event] = await goesThrough(scene, { recipients, mail: ' SMTPUTF8' })
    assert.match(saidTo(event), /^C: MAIL FROM:.* SMTPUTF8/m)
  },

  async DSN(scene) {
    await unlessUnspoken(scene, 'DSN')
    const [event] = await goesThrough(scene, {
      mail: ' RET=HDRS ENVID=QQ314159',
      rcpt: ' NOTIFY=FAILURE,DELAY ORCPT=rfc822;jane@example.net',
    })
    assert.match(saidTo(event), /^C: MAIL FROM:.* RET=HDRS ENVID=QQ314159/m)
    assert.match(saidTo(event), /^C: RCPT TO:.* NOTIFY=FAILURE,DELAY ORCPT=rfc822;jane@/m)
  },

  async CHUNKING(scene) {
    await unlessUnspoken(scene, 'CHUNKING')
    const [event] = await goesThrough(scene)
    assert.match(saidTo(event), /^C: BDAT \d+ LAST$/m)
  },

  async big(scene) {
    await goesThrough(scene, { content: bigContent(scene.subject) })
  },

  async many(scene) {
    const numbers = Array.from({ length: 90 }, (_, at) => at)
    const recipients = numbers.map((number) => `jane-${number}@${scene.domain}`)
    const events = await goesThrough(scene, { recipients })
    const replies = new Set(events.map(({ reply }) => reply.text))
    assert.equal(replies.size, 1, `not one transaction: ${[...replies].join('; ')}`)
  },

  async refused(scene) {
    const good = `jane@${scene.domain}`
    const refused = `${scene.unknown}@${scene.domain}`
    await submit(scene, { recipients: [refused, good] })
    const bounced = await scene.stage.relay.waitForEvent(
      (event): event is BouncedEvent =>
        event.type === 'message.bounced' && event.recipient === refused,
    )
    assert.deepEqual([bounced.reply.code, bounced.by], [550, 'peer'])
    await arrived(scene, [good], plainContent(scene.subject))
  },

  async intact(scene) {
    await goesThrough(scene, { content: awkwardContent(scene.subject) })
  },

  async signed(scene) {
    await goesThrough(scene)
    for (const content of contentsOf(scene)) await scene.stage.verify(content)
  },
}

/** Not in the answer to EHLO: it does not speak that. */
async function unlessUnspoken({ receiver }: ReceiverScene, keyword: string): Promise<void> {
  await using dialog = await SmtpDialog.open(receiver.port)
  await dialog.reply()
  const offered = await dialog.say('EHLO client.example')
  assert.match(offered, /^250-/)
  if (!new RegExp(`^250[- ]${keyword}\\b`, 'im').test(offered))
    throw new NotSpoken(`its EHLO does not offer ${keyword}`)
}

/** Submitted to us, taken by the receiver, and there octet for octet under what is put on top. */
async function goesThrough(
  scene: ReceiverScene,
  changes: Partial<Sending> = {},
): Promise<readonly DeliveredEvent[]> {
  const { recipients, content } = await submit(scene, changes)
  return await arrived(scene, recipients, content)
}

async function submit(scene: ReceiverScene, changes: Partial<Sending>): Promise<Sending> {
  const sending: Sending = {
    recipients: [`jane@${scene.domain}`],
    content: plainContent(scene.subject),
    mail: '',
    rcpt: '',
    ...changes,
  }
  const answer = await sendBySmtp(scene.stage.relay, {
    mail: `<${SENDER}>${sending.mail}`,
    rcpt: sending.recipients.map(
      (path) => `<${Buffer.from(path).toString('latin1')}>${sending.rcpt}`,
    ),
    content: sending.content.toString('latin1').replaceAll(/^\./gm, '..'),
  })
  assert.match(answer, /^250 /)
  return sending
}

async function arrived(
  scene: ReceiverScene,
  recipients: readonly string[],
  content: Buffer,
): Promise<readonly DeliveredEvent[]> {
  const events = await scene.stage.delivered(scene.subject, recipients)
  await inTime(untilKept(scene), () => `it was taken, and is not there`)
  for (const found of contentsOf(scene))
    assert.ok(endsWith(found, content), `changed:\n${found.toString()}`)
  return events
}

async function untilKept(scene: ReceiverScene): Promise<void> {
  while (contentsOf(scene).length === 0) await new SystemClock().sleep(ms(20))
}

function contentsOf({ receiver, store, subject }: ReceiverScene): readonly Buffer[] {
  const marker = `\r\nSubject: ${subject}\r\n`
  const all = receiver.kept?.() ?? store.messages.map(({ content }) => content)
  return all.filter((content) => content.includes(marker))
}

function saidTo(event: DeliveredEvent | undefined): string {
  return event?.conversation.join('\n') ?? ''
}
