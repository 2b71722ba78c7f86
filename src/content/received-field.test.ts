// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../base/brand.ts'
import { parseMessageId } from '../events/ids.ts'
import { parseMailbox } from '../protocol/mailbox.ts'
import type { ContentOptions, TraceFacts } from './content-options.ts'
import { receivedField } from './received-field.ts'

describe('A Received field', () => {
  it('says from where, by whom, how and when, and nothing that is not known', () => {
    assert.equal(
      receivedField(options({ address: '', helo: '', protocol: 'LOCAL', tls: null })),
      [
        'Received: by relay.example with LOCAL id 01JZ0000000000000000000000;',
        '\tMon, 01 Jun 2026 12:00:00 +0000',
        '',
      ].join('\r\n'),
    )
  })

  it('writes addresses as literals', () => {
    for (const [address, literal] of [
      ['192.0.2.1', '([192.0.2.1])'],
      ['2001:db8::1', '([IPv6:2001:db8::1])'],
    ] as const)
      assert.ok(
        receivedField(options({ address })).startsWith(`Received: from a.example ${literal}\r\n`),
      )
  })

  it('repeats what a peer calls itself only where it is a name or a literal', () => {
    for (const [helo, shown] of [
      ['Mail.Example', 'mail.example'],
      ['[192.0.2.1]', '[192.0.2.1]'],
      ['[IPv6:2001:db8::1]', '[ipv6:2001:db8::1]'],
      ['müller.example', 'xn--mller-kva.example'],
      ['DESKTOP_1', 'desktop_1'],
      ['a b', 'unknown'],
      ['a\r\nBcc: x@y.example', 'unknown'],
      ['a(comment', 'unknown'],
    ] as const)
      assert.ok(receivedField(options({ helo })).startsWith(`Received: from ${shown} ([`), helo)
  })

  it('says the priority that the submitter gave, and none where it gave none', () => {
    assert.match(receivedField({ ...options({}), priority: -3 }), /\r\n\tPRIORITY -3;\r\n/)
    assert.doesNotMatch(receivedField(options({})), /PRIORITY/)
  })

  it('names the recipient only where there is one, and UTF-8 only where it may', () => {
    const jane = parseMailbox('jané@example.net')
    assert.doesNotMatch(receivedField(options({})), /for </)
    assert.doesNotMatch(receivedField({ ...options({}), forRecipient: jane }), /for </)
    assert.match(
      receivedField({ ...options({}), forRecipient: jane, smtputf8: true }),
      /\r\n\tfor <jané@example\.net>;\r\n/,
    )
  })
})

function options(trace: Partial<TraceFacts>): ContentOptions {
  const id = parseMessageId('01JZ0000000000000000000000')
  assert.ok(id)
  return {
    id,
    hostname: 'relay.example',
    now: instant(Date.UTC(2026, 5, 1, 12)),
    trace: { address: '192.0.2.1', helo: 'a.example', protocol: 'ESMTP', tls: null, ...trace },
    forRecipient: null,
    smtputf8: false,
    priority: 0,
  }
}
