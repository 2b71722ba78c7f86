// SPDX-License-Identifier: Apache-2.0
/** What is exercised between a program that submits and our listener, and how each is judged. */
import assert from 'node:assert/strict'
import type { ReceivedEvent } from '../../src/events/event.ts'
import { type Client, domainOf, type ModeName, type Submission } from './clients/client.ts'
import { type InteropStage, SENDER } from './interop-stage.ts'
import { awkwardContent, bigContent, eightBitContent, plainContent } from './sample-content.ts'
import type { WireTap } from './wire-tap.ts'

/** A client at work on the stage. */
export interface ClientScene {
  readonly stage: InteropStage
  readonly tap: WireTap
  readonly client: Client
  /** Of this cell alone. */
  readonly subject: string
}

export const clientColumns: Readonly<Record<string, (scene: ClientScene) => Promise<void>>> = {
  async plain(scene) {
    const { protocol, credential } = await goesThrough(scene, 'clear')
    assert.deepEqual([protocol, credential], ['ESMTP', null])
  },

  async STARTTLS(scene) {
    const { protocol, credential } = await goesThrough(scene, 'starttls')
    assert.equal(protocol, 'ESMTPSA')
    assert.notEqual(credential, null)
  },

  async 'implicit TLS'(scene) {
    const { protocol, credential } = await goesThrough(scene, 'implicit')
    assert.equal(protocol, 'ESMTPSA')
    assert.notEqual(credential, null)
    assert.equal(scene.tap.said, '', 'it did not come to the port of that')
  },

  async PLAIN(scene) {
    await authenticates(scene, 'plain')
  },

  async LOGIN(scene) {
    await authenticates(scene, 'login')
  },

  async SCRAM(scene) {
    await authenticates(scene, 'scram')
  },

  async wrong(scene) {
    const { client, tap, stage, subject } = scene
    const { isGood, log } = await client.submit(submission(subject, 'wrong'))
    assert.match(tap.heard, /^535 5\.7\.8 /m)
    assert.ok(!isGood, `it says that all went well: ${log}`)
    assert.ok(
      !stage.relay.events.seen.some((event) => 'subject' in event && event.subject === subject),
    )
  },

  async '8BITMIME'(scene) {
    const content = eightBitContent(scene.subject)
    await goesThrough(scene, 'clear', { content, declares8Bit: true })
    assert.match(scene.tap.said, /^MAIL FROM:.* BODY=8BITMIME/im)
  },

  async SMTPUTF8(scene) {
    const recipients = [`jané@${domainOf('clear')}`]
    await goesThrough(scene, 'clear', { recipients, needsUtf8: true })
    assert.match(scene.tap.said, /^MAIL FROM:.* SMTPUTF8/im)
  },

  async DSN(scene) {
    await goesThrough(scene, 'clear', { asksForDsn: true })
    assert.match(scene.tap.said, /^RCPT TO:\S+.* NOTIFY=SUCCESS,FAILURE/im)
  },

  async CHUNKING(scene) {
    await goesThrough(scene, 'clear')
    assert.match(scene.tap.said, /^BDAT \d+ LAST\r$/im)
  },

  async big(scene) {
    await goesThrough(scene, 'clear', { content: bigContent(scene.subject) })
  },

  async many(scene) {
    const numbers = Array.from({ length: 120 }, (_, at) => at)
    const recipients = numbers.map((number) => `jane-${number}@${domainOf('clear')}`)
    await goesThrough(scene, 'clear', { recipients })
  },

  /** The one that is refused is told of; the other gets its mail, unless the program gives up both. */
  async refused(scene) {
    const good = `jane@${domainOf('clear')}`
    const recipients = [good, `${'x'.repeat(65)}@${domainOf('clear')}`]
    const submitting = { ...submission(scene.subject, 'clear'), recipients }
    const { isGood, log } = await scene.client.submit(submitting)
    assert.match(scene.tap.heard, /^501 5\.1\.3 /m)
    assert.match(log, /501\D*5\.1\.3|Bad syntax of the forward-path/, `it does not tell: ${log}`)
    if (!scene.tap.heard.includes('queued as')) assert.ok(!isGood, 'it says that all went well')
    else assert.deepEqual(await scene.stage.submittedFor(scene.subject, [good]), [good])
  },

  async intact(scene) {
    await goesThrough(scene, 'clear', { content: awkwardContent(scene.subject) })
  },

  async signed(scene) {
    const received = await goesThrough(scene, 'clear')
    assert.match(received.signedBy.join(' '), /^\S+\.shop\.example \S+\.shop\.example$/)
    const [message] = await scene.stage.arrived(scene.subject, received.recipients)
    assert.match(message?.reversePath ?? '', /^[0-9a-z]{60}@bounce\.shop\.example$/)
    await scene.stage.verify(message?.content ?? Buffer.alloc(0))
  },
}

function submission(subject: string, mode: ModeName): Submission {
  return {
    mode,
    sender: SENDER,
    recipients: [`jane@${domainOf(mode)}`],
    content: plainContent(subject),
    declares8Bit: false,
    needsUtf8: false,
    asksForDsn: false,
  }
}

/** Submitted, taken, and delivered octet for octet under what the relay puts on top. */
async function goesThrough(
  { client, stage, tap, subject }: ClientScene,
  mode: ModeName,
  changes: Partial<Submission> = {},
): Promise<ReceivedEvent> {
  const submitting = { ...submission(subject, mode), ...changes }
  const { isGood, log } = await client.submit(submitting)
  assert.ok(isGood, `${log}\n${tap.said}`)
  const { content, recipients } = submitting
  await stage.submittedFor(subject, recipients)
  const messages = await stage.arrived(subject, recipients)
  assert.deepEqual(
    messages.flatMap((message) => message.recipients).toSorted(),
    recipients.toSorted(),
  )
  for (const message of messages)
    assert.ok(endsWith(message.content, content), `changed:\n${message.content.toString()}`)
  return await stage.submitted(subject)
}

async function authenticates(scene: ClientScene, mode: 'plain' | 'login' | 'scram'): Promise<void> {
  const { credential } = await goesThrough(scene, mode)
  assert.notEqual(credential, null)
  assert.match(scene.tap.said, new RegExp(`^AUTH ${mode}`, 'im'))
}

export function endsWith(whole: Buffer, end: Buffer): boolean {
  return whole.length >= end.length && whole.subarray(whole.length - end.length).equals(end)
}
