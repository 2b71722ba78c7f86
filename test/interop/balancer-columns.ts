// SPDX-License-Identifier: Apache-2.0
/** What is exercised between our listener and a program that brings it the connections of others, and how each is judged. */
import assert from 'node:assert/strict'
import { skipWithoutIpv6 } from '../support/ipv6.ts'
import type { MemoryAcceptor, MemoryDraft } from '../support/memory-acceptor.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'
import type { Balancer, Way } from './balancers/balancer.ts'
import { NotSpoken } from './matrix.ts'

/** A balancer at work before listeners. */
export interface BalancerScene {
  readonly balancer: Balancer
  /** Behind all of the listeners. */
  readonly acceptor: MemoryAcceptor
  /** Of this cell alone. */
  readonly sender: string
  readonly checkSender: string
}

/** Not the balancer's own address, which is 127.0.0.1. */
export const CLIENT = '127.0.0.7'
const CLIENT_6 = '::1'

export const balancerColumns: Readonly<Record<string, (scene: BalancerScene) => Promise<void>>> = {
  v1: bringing('v1', CLIENT),
  'v1 by IPv6': bringing('v1', CLIENT_6),
  v2: bringing('v2', CLIENT),
  'v2 by IPv6': bringing('v2', CLIENT_6),
  checksum: bringing('checksum', CLIENT),

  async STARTTLS(scene) {
    await using dialog = await clientOf(scene, 'v1', CLIENT)
    await dialog.reply()
    await dialog.say('EHLO client.example')
    assert.match(await dialog.say('STARTTLS'), /^220 /)
    assert.equal(await dialog.secure(), 'TLSv1.3')
    const { provenance } = await handsIn(scene, dialog)
    assert.equal(provenance.address, CLIENT)
  },

  async 'implicit TLS'(scene) {
    await using dialog = await clientOf(scene, 'implicit', CLIENT)
    assert.equal(await dialog.secure(), 'TLSv1.3')
    assert.match(await dialog.reply(), /^220 /)
    const { provenance } = await handsIn(scene, dialog)
    assert.equal(provenance.address, CLIENT)
  },

  /** With a header that says so, of either version: the balancer is the client. */
  async 'its own'({ acceptor, checkSender }) {
    const seen = new Set<string>()
    for (let at = 0; seen.size < 2; at++) {
      const { envelope, provenance } = await acceptor.draft(at)
      if (envelope.reversePath !== checkSender) continue
      assert.equal(provenance.address, '127.0.0.1')
      seen.add(provenance.helo)
    }
    assert.deepEqual([...seen].toSorted(), ['v1.check.example', 'v2.check.example'])
  },

  async 'no header'(scene) {
    await using dialog = await clientOf(scene, 'bare', CLIENT)
    dialog.send('EHLO client.example\r\n')
    assert.equal(await dialog.rest(), '')
  },

  async XCLIENT(scene) {
    const { provenance } = await brings(scene, 'xclient', CLIENT)
    assert.equal(provenance.helo, 'client.example')
  },
}

function bringing(way: Way, client: string) {
  return async (scene: BalancerScene): Promise<void> => {
    await brings(scene, way, client)
  }
}

async function brings(scene: BalancerScene, way: Way, client: string): Promise<MemoryDraft> {
  await using dialog = await clientOf(scene, way, client)
  assert.match(await dialog.reply(), /^220 /)
  const draft = await handsIn(scene, dialog)
  assert.equal(draft.provenance.address, client)
  return draft
}

function clientOf({ balancer }: BalancerScene, way: Way, client: string): Promise<SmtpDialog> {
  if (client === CLIENT_6 && skipWithoutIpv6) throw new NotSpoken(skipWithoutIpv6)
  const port = balancer.ports.get(way)
  assert.ok(port, `it has no such way: ${way}`)
  return SmtpDialog.open(port, client === CLIENT_6 ? '::1' : '127.0.0.1', client)
}

/** From the greeting on. */
async function handsIn({ acceptor, sender }: BalancerScene, dialog: SmtpDialog) {
  assert.match(await dialog.say('EHLO client.example'), /^250/)
  assert.match(await dialog.say(`MAIL FROM:<${sender}>`), /^250 /)
  assert.match(await dialog.say('RCPT TO:<jane@example.net>'), /^250 /)
  assert.match(await dialog.say('DATA'), /^354 /)
  assert.match(await dialog.say('Subject: Hi\r\n\r\nHi\r\n.'), /^250 /)
  for (let at = 0; ; at++) {
    const draft = await acceptor.draft(at)
    if (draft.envelope.reversePath === sender) return draft
  }
}
