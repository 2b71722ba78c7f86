// SPDX-License-Identifier: Apache-2.0
/** No octets but CRLF.CRLF end content, and what stands in content is never executed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { corpus, filesOf } from '../support/corpus.ts'
import { RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const SMUGGLED = 'MAIL FROM:<evil@evil.example>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nsmuggled\r\n'

const folder = corpus('adversarial')

/** Until content is asked for. */
async function openContent(running: RunningListener): Promise<SmtpDialog> {
  const dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  for (const line of ['EHLO c', 'MAIL FROM:<a@shop.example>', 'RCPT TO:<b@example.net>', 'DATA'])
    await dialog.say(line)
  return dialog
}

for (const sequence of folder === null ? [] : smugglingSequences(folder)) {
  const written = JSON.stringify(sequence)

  test(`${written} neither ends content nor gets a second message in`, async () => {
    await using running = await RunningListener.start({ isTrusting: true })
    await using dialog = await openContent(running)
    dialog.send(`first${sequence}${SMUGGLED}.\r\n`)
    assert.match(await dialog.reply(), /^550 5\.6\.0 /)
    assert.equal(await dialog.say('NOOP'), '250 2.0.0 Ok')
    assert.deepEqual(
      running.acceptor.drafts.map((draft) => draft.end),
      ['aborted'],
    )
  })

  test(`${written} is the same when every octet comes alone`, async () => {
    await using running = await RunningListener.start({ isTrusting: true })
    await using dialog = await openContent(running)
    for (const octet of `first${sequence}${SMUGGLED}.\r\n`) {
      dialog.send(octet)
      await nextTurn()
    }
    assert.match(await dialog.reply(), /^550 5\.6\.0 /)
    assert.equal(running.acceptor.accepted.length, 0)
  })

  test(`${written} does not get in by chunks either`, async () => {
    await using running = await RunningListener.start({ isTrusting: true })
    await using dialog = await openContent(running)
    dialog.send('.\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\n')
    for (let replies = 0; replies < 3; replies++) await dialog.reply()
    const content = `first${sequence}${SMUGGLED}`
    dialog.send(`BDAT ${content.length} LAST\r\n${content}`)
    assert.match(await dialog.reply(), /^550 5\.6\.0 /)
    assert.equal(running.acceptor.accepted.length, 1)
  })
}

for (const [name, seed] of folder === null ? [] : filesOf(`${folder}/smtp-session-seeds`))
  test(`session ${name} ends in good order, as it is and with CRLF`, async () => {
    await using running = await RunningListener.start({ allowClearTextAuth: 'loopback' })
    const said = seedText(seed)
    for (const octets of [said, said.replaceAll('\n', '\r\n')]) {
      await using dialog = await SmtpDialog.open(running.port)
      dialog.send(octets)
      // What is left of a session after its words is taken back or ended.
      dialog.send('\r\n*\r\n.\r\nRSET\r\nQUIT\r\n')
      assert.match(await dialog.rest(), /(?:221 2\.0\.0|421 4\.7\.0|500 5\.5\.2) [^\n]+\r\n$/)
    }
    assert.equal(running.acceptor.accepted.length, 0)
  })

function smugglingSequences(from: string): readonly string[] {
  const read: unknown = JSON.parse(readFileSync(`${from}/smuggling-sequences.json`, 'utf8'))
  assert.ok(typeof read === 'object' && read !== null && 'all_distinct' in read)
  assert.ok(Array.isArray(read.all_distinct))
  return read.all_distinct.map(String)
}

/** A seed is written as Go writes a corpus: `[]byte("…")`. */
function seedText(seed: Buffer): string {
  const literal = /\[\]byte\((".*")\)/.exec(seed.toString('utf8'))?.[1] ?? '""'
  const text: unknown = JSON.parse(literal.replaceAll(/\\x([0-9a-f]{2})/g, '\\u00$1'))
  return Buffer.from(String(text), 'utf8').toString('latin1')
}
