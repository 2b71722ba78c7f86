// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../base/brand.ts'
import type { MessageId } from '../events/ids.ts'
import { ContentIntake } from './content-intake.ts'
import type { WaysOut } from './content-policy.ts'

const mailto = 'mailto:unsubscribe@bounce.shop.example?subject=word'
const oneClick = 'https://click.shop.example/u/word'
const POST = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n'

/** The header section as it will be sent. */
function sent(ways: WaysOut, more = ''): string {
  const intake = new ContentIntake(
    {
      id: '00000000000000000000000000' as MessageId,
      hostname: 'relay.example',
      now: instant(0),
      trace: { address: '192.0.2.1', helo: 'client', protocol: 'ESMTPS', tls: null },
      forRecipient: null,
      priority: 0,
      smtputf8: false,
    },
    () => ({ eightBit: 'keep', longLines: 'refuse', unsubscribe: ways }),
  )
  const chunks = intake.write(Buffer.from(`From: <a@shop.example>\r\n${more}\r\nHello.\r\n`))
  return Buffer.concat([...chunks]).toString()
}

test('Where recipients may click, that is offered first, and the word that one click is enough', () => {
  const field = `List-Unsubscribe:\r\n <${oneClick}>,\r\n <${mailto}>\r\n${POST}`
  assert.ok(sent({ mailto, oneClick }).includes(field))
  assert.ok(sent({ mailto, oneClick: null }).includes(`List-Unsubscribe:\r\n <${mailto}>\r\n\r\n`))
})

test('A way out that the submitter offers stays the only one', () => {
  const own = 'List-Unsubscribe: <https://shop.example/bye>\r\n'
  const content = sent({ mailto, oneClick }, own)
  assert.ok(content.includes(own))
  assert.ok(!content.includes(POST) && !content.includes('click.shop.example'))
})
