// SPDX-License-Identifier: Apache-2.0
/** `posthaste classify` for people and for programs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { program } from '../support/command-line.ts'
import { runProgram } from '../support/finished-program.ts'

function classify(input: string | Buffer, ...args: readonly string[]) {
  const environment = { PATH: process.env['PATH'], NO_COLOR: '1' }
  return runProgram(process.execPath, [program, 'classify', ...args], { input, environment })
}

test('A line of JSON answers each line, whatever it is', async () => {
  const noise = Buffer.from([0, 255, 254, 13, 27, 91, 10])
  const input = Buffer.concat([
    Buffer.from('550 5.1.1 No such user\r\n\n'),
    noise,
    Buffer.from(`${'x'.repeat(100_000)}\n421 4.7.0 Too many connections`),
  ])
  const { code, stdout, stderr } = await classify(input, '--json')
  assert.deepEqual([code, stderr], [0, ''])
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(answers.length, 5)
  assert.deepEqual(answers[0], {
    class: 'no-such-mailbox',
    coarse: 'invalid_recipient',
    permanent: true,
    fault: 'recipient',
    action: 'suppress',
    rule: 'code 5.1.1',
  })
  assert.equal(answers[4].class, 'too-many-connections')
})

test('Who and what stage is believed where the line does not say', async () => {
  const { stdout } = await classify('550 Sorry\n', '--stage', 'ehlo', '--json')
  assert.equal(JSON.parse(stdout).class, 'source-refused')
  const { code, stderr } = await classify('', '--stage', 'hello')
  assert.equal(code, 64)
  assert.match(stderr, /connect, ehlo, mail, rcpt, content/)
})

test('A person reads what to do beside the words', async () => {
  const { stdout } = await classify('552 5.2.2 Mailbox full\n')
  assert.match(
    stdout,
    /^mailbox-full +retry +recipient +552 5\.2\.2 Mailbox full +\(code 5\.2\.2\)\n$/,
  )
})

test('Ten thousand lines are answered in their order', async () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? '550 User unknown' : ''))
  const { stdout } = await classify(`${lines.join('\n')}\n`, '--json')
  const classes = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).class)
  assert.deepEqual(
    classes,
    lines.map((line) => (line === '' ? 'unknown' : 'no-such-mailbox')),
  )
})
