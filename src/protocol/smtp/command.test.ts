// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Command, parseCommand } from './command.ts'
import { encodeXtext } from './xtext.ts'

function parse(line: string): Command {
  return parseCommand(Buffer.from(line, 'utf8'))
}

function replyTo(line: string): string {
  const command = parse(line)
  return command.verb === 'FAULT' ? `${command.reply.code} ${command.reply.enhanced}` : command.verb
}

test('MAIL is read with all its parameters', () => {
  assert.deepEqual(
    parse(
      'mail from:<A.b@Example.COM> SIZE=4096 body=8bitmime SMTPUTF8 RET=HDRS ENVID=a+2Bb+20c RequireTLS HoldFor=60 MT-Priority=-3',
    ),
    {
      verb: 'MAIL',
      reversePath: 'A.b@example.com',
      isInternational: false,
      size: 4096,
      body: '8BITMIME',
      smtputf8: true,
      ret: 'HDRS',
      envid: 'a+b c',
      requireTls: true,
      hold: { kind: 'for', seconds: 60 },
      priority: -3,
    },
  )
})

test('RCPT is read with all its parameters', () => {
  assert.deepEqual(
    parse('RCPT TO:<b@c.example> NOTIFY=success,DELAY ORCPT=rfc822;b+2Bx@c.example'),
    {
      verb: 'RCPT',
      forwardPath: 'b@c.example',
      isInternational: false,
      notify: ['SUCCESS', 'DELAY'],
      originalRecipient: 'rfc822;b+2Bx@c.example',
    },
  )
})

const paths: readonly (readonly [string, string | null])[] = [
  ['MAIL FROM:<>', null],
  ['MAIL FROM: <a@b>', 'a@b'],
  ['MAIL FROM:<@one.example,@two.example:a@b>', 'a@b'],
  ['MAIL FROM:<"a>b c\\""@b> SIZE=1', '"a>b c\\""@b'],
  ['MAIL FROM:<a@[192.0.2.1]>', 'a@[192.0.2.1]'],
  ['MAIL FROM:<grüße@bücher.example> SMTPUTF8', 'grüße@xn--bcher-kva.example'],
]

for (const [line, reversePath] of paths)
  test(`the reverse-path of ${line} is ${reversePath ?? 'null'}`, () => {
    const command = parse(line)
    assert.equal(command.verb, 'MAIL')
    if (command.verb === 'MAIL') assert.equal(command.reversePath, reversePath)
  })

test('postmaster without a domain is a forward-path of its own', () => {
  const command = parse('RCPT TO:<PostMaster>')
  assert.equal(command.verb === 'RCPT' && command.forwardPath, null)
})

const faults: readonly (readonly [string, string])[] = [
  ['', '500 5.5.1'],
  ['FOO', '500 5.5.1'],
  ['EHLO', '501 5.5.4'],
  ['EHLO a b', '501 5.5.4'],
  ['EHLO (x)', '501 5.5.4'],
  ['NOOP \0', '500 5.5.2'],
  ['DATA now', '501 5.5.4'],
  ['MAIL', '501 5.5.4'],
  ['MAIL FROM:a@b', '501 5.5.4'],
  ['MAIL FROM:<a@b', '501 5.5.4'],
  ['MAIL FROM:<a@b>SIZE=1', '501 5.5.4'],
  ['MAIL FROM:<a>', '501 5.1.7'],
  ['MAIL FROM:<postmaster>', '501 5.1.7'],
  ['MAIL FROM:<@one.example:>', '501 5.1.7'],
  ['MAIL FROM:<a@b> SIZE', '501 5.5.4'],
  ['MAIL FROM:<a@b> SIZE=-1', '501 5.5.4'],
  ['MAIL FROM:<a@b> SIZE=1 SIZE=1', '501 5.5.4'],
  ['MAIL FROM:<a@b> BODY=BINARYMIME', '555 5.5.4'],
  ['MAIL FROM:<a@b> BODY=9BIT', '501 5.5.4'],
  ['MAIL FROM:<a@b> SMTPUTF8=1', '501 5.5.4'],
  ['MAIL FROM:<a@b> RET=BODY', '501 5.5.4'],
  ['MAIL FROM:<a@b> ENVID=a+2b', '501 5.5.4'],
  ['MAIL FROM:<a@b> ENVID=+0D+0A', '501 5.5.4'],
  [`MAIL FROM:<a@b> ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
  ['MAIL FROM:<a@b> REQUIRETLS=YES', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR=', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR=-1', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR=1000000000', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR=1 HOLDFOR=1', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDFOR=1 HOLDUNTIL=2026-12-24T18:00:00Z', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDUNTIL=2026-12-24T18:00:00Z HOLDFOR=1', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDUNTIL=2026-12-24', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDUNTIL=2026-12-24T18:00:00', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDUNTIL=2026-02-30T18:00:00Z', '501 5.5.4'],
  ['MAIL FROM:<a@b> HOLDUNTIL=2026-12-24T25:00:00Z', '501 5.5.4'],
  ['MAIL FROM:<a@b> MT-PRIORITY', '501 5.5.4'],
  ['MAIL FROM:<a@b> MT-PRIORITY=10', '501 5.5.4'],
  ['MAIL FROM:<a@b> MT-PRIORITY=+1', '501 5.5.4'],
  ['MAIL FROM:<a@b> MT-PRIORITY=-0', '501 5.5.4'],
  ['MAIL FROM:<a@b> MT-PRIORITY=3 MT-PRIORITY=3', '501 5.5.4'],
  ['MAIL FROM:<a@b> NOTIFY=NEVER', '555 5.5.4'],
  ['MAIL FROM:<a@b> __proto__=1', '555 5.5.4'],
  ['RCPT TO:<>', '501 5.1.3'],
  ['RCPT TO:<user>', '501 5.1.3'],
  ['RCPT TO:<\u009b31m@x.example>', '501 5.1.3'],
  ['RCPT TO:<"\u009b31m"@x.example>', '501 5.1.3'],
  ['RCPT TO:<a@b> NOTIFY=NEVER,DELAY', '501 5.5.4'],
  ['RCPT TO:<a@b> NOTIFY=DELAY,DELAY', '501 5.5.4'],
  ['RCPT TO:<a@b> NOTIFY=', '501 5.5.4'],
  ['RCPT TO:<a@b> ORCPT=a@b', '501 5.5.4'],
  ['RCPT TO:<a@b> ORCPT=rfc822;', '501 5.5.4'],
  ['RCPT TO:<a@b> ORCPT=rfc822;a=b', '501 5.5.4'],
  ['RCPT TO:<a@b> ORCPT=rfc822;a+0D+0ABcc:c@d', '501 5.5.4'],
  ['RCPT TO:<a@b> RET=FULL', '555 5.5.4'],
  ['BDAT', '501 5.5.4'],
  ['BDAT x', '501 5.5.4'],
  ['BDAT 1 FIRST', '501 5.5.4'],
  ['BDAT 9999999999999999', '501 5.5.4'],
  ['AUTH', '501 5.5.4'],
  ['AUTH PLAIN a b', '501 5.5.4'],
]

for (const [line, expected] of faults)
  test(`${JSON.stringify(line.slice(0, 50))} is answered ${expected}`, () => {
    assert.equal(replyTo(line), expected)
  })

test('a time to hold until may have an offset, a fraction and small letters', () => {
  const written = ['2026-12-24T18:00:00Z', '2026-12-24T19:00:00.000+01:00', '2026-12-24t18:00:00z']
  for (const text of written) {
    const command = parse(`MAIL FROM:<a@b> HOLDUNTIL=${text}`)
    assert.deepEqual(command.verb === 'MAIL' && command.hold, {
      kind: 'until',
      at: Date.UTC(2026, 11, 24, 18),
      written: text,
    })
  }
})

test('octets that are no UTF-8 are refused', () => {
  const command = parseCommand(Buffer.from('MAIL FROM:<\xff@b>', 'latin1'))
  assert.equal(command.verb === 'FAULT' && command.reply.code, 500)
})

test('an original recipient of type utf-8 may hold what is special as \\x{HEX}', () => {
  assert.equal(replyTo('RCPT TO:<a@b> ORCPT=utf-8;gr\\x{FC}n@b'), 'RCPT')
  assert.equal(replyTo('RCPT TO:<a@b> ORCPT=utf-8;grün@b'), 'RCPT')
  assert.equal(replyTo('RCPT TO:<a@b> ORCPT=utf-8;gr\\n@b'), '501 5.5.4')
})

test('an international original recipient that claims to be rfc822 is kept as what it is', () => {
  const command = parse('RCPT TO:<a@b> ORCPT=rfc822;jan+C3+A9@clear.example')
  assert.equal(
    command.verb === 'RCPT' && command.originalRecipient,
    'utf-8;jan\\x{E9}@clear.example',
  )
  assert.equal(replyTo('RCPT TO:<a@b> ORCPT=rfc822;jan+C3@clear.example'), '501 5.5.4')
  assert.equal(replyTo('RCPT TO:<a@b> ORCPT=rfc822;jan+C3+A9+0A@clear.example'), '501 5.5.4')
})

test('no octets at all make the parser throw', () => {
  const verbs = fc.constantFrom('', 'MAIL FROM:<', 'RCPT TO:<', 'AUTH ', 'BDAT ', 'EHLO ')
  fc.assert(
    fc.property(verbs, fc.uint8Array({ maxLength: 80 }), (verb, octets) => {
      parseCommand(Buffer.concat([Buffer.from(verb), octets]))
    }),
  )
})

test('every printable ENVID survives xtext', () => {
  const printable = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme-ascii' })
  fc.assert(
    fc.property(printable, (envid) => {
      const command = parse(`MAIL FROM:<a@b> ENVID=${encodeXtext(envid)}`)
      assert.equal(command.verb === 'MAIL' && command.envid, envid)
    }),
  )
})
