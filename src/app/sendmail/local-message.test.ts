// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LocalMessage, localMessage } from './local-message.ts'
import { parseSendmailArguments } from './sendmail-arguments.ts'

const user = { name: 'www-data', domain: 'web.example' }

function message(text: string, ...args: readonly string[]): LocalMessage & { text: string } {
  const local = localMessage(Buffer.from(text), parseSendmailArguments(args), user)
  return { ...local, text: local.content.toString() }
}

test('Recipients come from To, Cc and Bcc, each once, beside those that are named', () => {
  const { recipients } = message(
    'To: Ann <ann@example.net>,\n bo@example.net\nCc: ann@example.net\nBcc: cy@example.net\n\nhello\n',
    ...['-t', 'dee@example.net'],
  )
  assert.deepEqual(recipients, [
    'dee@example.net',
    'ann@example.net',
    'bo@example.net',
    'cy@example.net',
  ])
})

test('Without -t the header section names nobody', () => {
  assert.deepEqual(message('To: ann@example.net\n\nhello\n', 'bo@example.net').recipients, [
    'bo@example.net',
  ])
  assert.throws(() => message('To: ann@example.net\n\nhello\n'), /no recipients/)
})

test('A message that is sent again goes to those of its Resent- fields', () => {
  const text = 'Resent-To: cy@example.net\nTo: ann@example.net\n\nhello\n'
  assert.deepEqual(message(text, '-t').recipients, ['cy@example.net'])
})

test('The mail of cron has whole addresses', () => {
  const { reversePath, recipients, text } = message(
    'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@web> true\n\nout\n',
    ...['-FCronDaemon', '-i', '-B8BITMIME', '-oem', 'root'],
  )
  assert.equal(reversePath, 'www-data@web.example')
  assert.deepEqual(recipients, ['root@web.example'])
  assert.equal(
    text,
    'From: "Cron Daemon" <root@web.example>\r\nTo: root@web.example\r\nSubject: Cron <root@web> true\r\n\r\nout\r\n',
  )
})

test('A message without From gets the one of its sender', () => {
  assert.match(
    message('To: a@b.example\n\n', '-t', '-f', 'me@shop.example').text,
    /^From: me@shop\.example\r\n/,
  )
  assert.match(
    message('To: a@b.example\n\n', '-t', '-F', 'Jürgen "J"').text,
    /^From: =\?utf-8\?B\?SsO8cmdlbiAiSiI=\?= <www-data@web\.example>\r\n/,
  )
  assert.match(
    message('To: a@b.example\n\n', '-t', '-F', 'a"\r\nBcc: x@y.example').text,
    /^From: "a\\" Bcc: x@y\.example" <www-data@web\.example>\r\nTo/,
  )
})

test('An empty sender is the null reverse-path', () => {
  for (const sender of ['', '<>'])
    assert.equal(message('To: a@b.example\n\n', '-t', '-f', sender).reversePath, '')
})

test('A dot alone ends the message, and with -i it does not', () => {
  const text = 'Subject: x\n\none\n.\ntwo\n'
  assert.match(message(text, 'a@b.example').text, /\r\n\r\none\r\n$/)
  assert.match(message(text, '-i', 'a@b.example').text, /\r\n\r\none\r\n\.\r\ntwo\r\n$/)
})

test('A text without fields is all body, and any line ends become CRLF', () => {
  assert.equal(
    message('hello\r\nthere\ryou\n.x', 'a@b.example', '-i').text,
    'From: www-data@web.example\r\n\r\nhello\r\nthere\r\nyou\r\n.x\r\n',
  )
})

test('A field of a program that cannot be read is refused, not guessed', () => {
  assert.throws(() => message('To: ann@\n\nhello\n', '-t'), /field to has what is no address/)
  assert.throws(
    () => message('To: a@b.example\nno field\n\nhello\n', '-t'),
    /line 2 of the message/,
  )
})
