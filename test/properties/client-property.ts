// SPDX-License-Identifier: Apache-2.0
/**
 * What holds of a client session whatever a receiver says, in whatever pieces, early, late or never: nothing is thrown;
 * a dial and every transaction come to an end; every recipient is decided once, at a stage that can decide it; nobody
 * counts as delivered before the content has gone out whole; what is kept of replies and dialogs is bounded; the
 * connection ends, and nothing is left on the wheel.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Decision } from '../../src/protocol/smtp/client-transaction.ts'
import { clientCase } from './client-cases.ts'
import { type Attempt, ClientPeer, limits, useMemory } from './client-peer.ts'
import { wholeContents } from './sample-content.ts'

useMemory()

export const clientProperty = fc.asyncProperty(clientCase, async (played) => {
  const peer = new ClientPeer(played)
  await peer.play()
  const { wire, dialed, attempts } = peer
  assert.ok(dialed)
  if (dialed.kind === 'failed') {
    assertBounded(dialed.reply.text, dialed.conversation)
    assert.ok(dialed.reply.code >= 400 && dialed.reply.code <= 599, 'a failure is 4yz or 5yz')
    assert.equal(attempts.length, 0)
  }
  for (const attempt of attempts) assertDecided(attempt, wire.said)
  assert.ok(wire.isGone, 'the connection never ends')
  assert.equal(peer.wheel.size, 0, 'a deadline is left')
})

function assertDecided({ transaction, text, result }: Attempt, said: Buffer): void {
  const { recipients, lost, facts } = result
  assert.equal(recipients.length, transaction.recipients.length)
  const isWhole = wholeContents(text).some((whole) => said.includes(whole))
  for (const decision of recipients) {
    const { code, text: words } = decision.reply
    assertBounded(words, facts.conversation)
    if (isDelivered(decision)) assert.ok(isWhole, 'half a message counts as delivered')
    else assert.ok(code >= 400 && code <= 599, `${code} at ${decision.stage} decides nothing`)
    if (decision.said === 'us') assert.ok(lost !== null || decision.stage === 'local')
  }
}

function isDelivered({ reply, stage, said }: Decision): boolean {
  return reply.code < 300 && stage === 'content' && said === 'peer'
}

function assertBounded(text: string, conversation: readonly string[]): void {
  // Our own words say what was lost where; they have a bound of their own.
  assert.ok(text.length <= limits.replyTextKept + 200)
  assert.ok(conversation.length <= limits.conversationLines)
}
