// SPDX-License-Identifier: Apache-2.0
/**
 * What holds of a server connection whatever a client says, in whatever pieces, and whatever the world does meanwhile:
 * nothing is thrown; the session moves along its table; every command, login line and message is answered once, and
 * nothing else is; the session ends; every message ends once; little is held; nothing is left on the wheel.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { accountProblem, type HeardReply, repliesOf } from './reply-account.ts'
import { serverCase } from './server-cases.ts'
import { limits, type ServerCase, ServerPeer } from './server-peer.ts'

/** Longest reply that may be gathered on top of the bound. */
const REPLY_OCTETS = 1_000

export const serverProperty = fc.asyncProperty(serverCase, async (played) => {
  const replies = await outcomeOf(played)
  const isComparable = played.ending === 'end' && !replies.some(isOfHandshake)
  if (!isComparable) return
  // The same in one piece is answered the same.
  const whole = { ...played, lengths: [played.octets.length + 1] }
  assert.deepEqual((await outcomeOf(whole)).map(codesOf), replies.map(codesOf))
})

async function outcomeOf(played: ServerCase): Promise<readonly HeardReply[]> {
  const peer = new ServerPeer(played)
  await peer.play()
  const { wire, sinks } = peer
  const replies = repliesOf(wire.written)
  if (played.ending !== 'cut' && played.handshake === 'done')
    assert.equal(accountProblem(Buffer.concat(wire.heard), replies), null)
  for (const { octets } of wire.written)
    assert.ok(
      octets.length <= limits.gatheredReplyOctets + REPLY_OCTETS,
      'replies are gathered without bound',
    )
  assert.ok(wire.isGone, 'the connection never ends')
  assert.equal(peer.closings, 1)
  assert.equal(peer.wheel.size, 0, 'a deadline is left')
  assert.equal(peer.memory.held, 0, 'memory is counted that nobody holds')
  for (const sink of sinks) {
    assert.equal(sink.ends, 1, 'a message ends once')
    assert.ok(sink.octets <= limits.messageOctets + 2)
  }
  return replies
}

function isOfHandshake({ code, text }: HeardReply): boolean {
  return code === 220 && text.includes('TLS')
}

/** Of two faults of the same kind, which is seen first may depend on what has come. */
function codesOf({ code, text }: HeardReply): string {
  const enhanced = text.slice(0, 5)
  return enhanced === '5.6.0' || enhanced === '5.3.4' ? 'bad content' : `${code} ${enhanced}`
}
