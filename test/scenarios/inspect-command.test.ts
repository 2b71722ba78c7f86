// SPDX-License-Identifier: Apache-2.0
/** `posthaste inspect`: mail that came back, in files. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import { parseKeyFile } from '../../src/base/keyring.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { journalId, messageIdOctets, newMessageId } from '../../src/events/ids.ts'
import { type Mailbox, parseMailbox } from '../../src/protocol/mailbox.ts'
import { TokenSealer } from '../../src/protocol/token.ts'
import { CommandLine, program } from '../support/command-line.ts'
import { runProgram } from '../support/finished-program.ts'

const bounce = `From: MAILER-DAEMON@mx.example
Subject: Undelivered mail
Content-Type: multipart/report; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; jane@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user \u202etxt
--b
Content-Type: message/rfc822

Return-Path: <TOKEN@bounce.shop.example>
--b--
`

const now = instant(Date.UTC(2026, 10, 1))

test('inspect says what a mail is, without an installation', async () => {
  await using shell = await CommandLine.open()
  writeFileSync(join(shell.folder, 'a.eml'), bounce)
  assert.deepEqual(JSON.parse((await shell.runAlone('inspect', 'a.eml', '--json')).stdout), {
    file: 'a.eml',
    kind: 'bounce',
    form: 'delivery-status',
    feedbackType: null,
    reportingMta: 'mx.example',
    recipients: [
      {
        address: 'jane@example.net',
        action: 'failed',
        status: '5.1.1',
        code: 550,
        text: '550 5.1.1 No such user \u202etxt',
        remoteMta: null,
        class: 'no-such-mailbox',
        coarse: 'invalid_recipient',
        permanent: true,
        fault: 'recipient',
        rule: 'code 5.1.1',
      },
    ],
    message: null,
  })
  const { code, stdout } = await shell.runAlone('inspect', 'a.eml')
  assert.equal(code, 0)
  assert.match(stdout, /^kind +bounce$/m)
  assert.match(
    stdout,
    /^jane@example\.net +failed +5\.1\.1 +550 +no-such-mailbox +550 5\.1\.1 No such user \\u202etxt$/m,
  )
})

test('inspect names the message where a token is good, whatever became of its letters', async () => {
  await using shell = await CommandLine.open()
  await shell.init('relay.example.com')
  const file = join(shell.folder, 'posthaste.key')
  const random = new SeededRandom(1)
  const sealer = new TokenSealer(parseKeyFile(readFileSync(file, 'utf8'), file, random))
  const id = newMessageId(now, journalId(1), random)
  const token = sealer.seal(
    'default',
    messageIdOctets(id),
    0,
    parseMailbox('jane@example.net') as Mailbox,
    now,
  )
  writeFileSync(join(shell.folder, 'good.eml'), bounce.replace('TOKEN', token.toUpperCase()))
  const last = token.endsWith('0') ? '1' : '0'
  writeFileSync(
    join(shell.folder, 'forged.eml'),
    bounce.replace('TOKEN', token.slice(0, -1) + last),
  )
  const { stdout } = await shell.runAlone('inspect', 'good.eml', 'forged.eml', '--json')
  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).message)
  assert.deepEqual(messages, [id, null])
})

test('inspect reads what a pipe brings', async () => {
  await using shell = await CommandLine.open()
  const file = join(shell.folder, 'a.eml')
  writeFileSync(file, bounce)
  const script = 'cat "$1" | "$2" "$3" inspect /dev/stdin --json'
  const { code, stdout } = await runProgram('sh', [
    ...['-c', script, 'sh', file],
    ...[process.execPath, program],
  ])
  assert.deepEqual([code, JSON.parse(stdout).kind], [0, 'bounce'])
})

test('inspect goes on behind a file that cannot be read, and ends with an error', async () => {
  await using shell = await CommandLine.open()
  mkdirSync(join(shell.folder, 'folder'))
  writeFileSync(join(shell.folder, 'empty.eml'), '')
  const { code, stdout, stderr } = await shell.runAlone(
    'inspect',
    'folder',
    'gone.eml',
    'empty.eml',
    '--json',
  )
  assert.equal(code, 64)
  assert.equal(JSON.parse(stdout).kind, 'other')
  assert.match(stderr, /folder: /)
  assert.match(stderr, /2 of 3 files cannot be read/)
})
