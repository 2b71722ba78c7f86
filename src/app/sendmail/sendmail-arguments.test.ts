// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RelayError } from '../../base/errors.ts'
import { parseSendmailArguments } from './sendmail-arguments.ts'

const nothing = {
  readsRecipients: false,
  endsAtDot: true,
  sender: null,
  fullName: null,
  recipients: [],
}

for (const [who, line, expected] of [
  ['PHP', '-t -i', { readsRecipients: true, endsAtDot: false }],
  [
    'PHP with its fifth argument',
    '-t -i -fbounce@shop.example',
    { readsRecipients: true, endsAtDot: false, sender: 'bounce@shop.example' },
  ],
  [
    'cron',
    '-FCronDaemon -i -B8BITMIME -oem root',
    { fullName: 'CronDaemon', endsAtDot: false, recipients: ['root'] },
  ],
  [
    'git send-email',
    '-i ann@example.net bo@example.net',
    { endsAtDot: false, recipients: ['ann@example.net', 'bo@example.net'] },
  ],
  [
    'mailx',
    '-oi -odb -f me@shop.example -- -odd@example.net',
    { endsAtDot: false, sender: 'me@shop.example', recipients: ['-odd@example.net'] },
  ],
  [
    'an old program',
    '-om -bm -r me@shop.example ann@example.net',
    { sender: 'me@shop.example', recipients: ['ann@example.net'] },
  ],
  ['whoever joins letters', '-ti', { readsRecipients: true, endsAtDot: false }],
  ['whoever wants no bounces', '-t -f', { readsRecipients: true, sender: '' }],
  [
    'whoever tunes',
    '-v -N never -R hdrs -V id -L tag -O x=y ann@example.net',
    { recipients: ['ann@example.net'] },
  ],
] as const)
  test(`sendmail is called as ${who} does: ${line}`, () => {
    const args = line.split(' ')
    if (line.endsWith('-f')) args.push('')
    assert.deepEqual(parseSendmailArguments(args), { ...nothing, ...expected })
  })

for (const line of ['-bp', '-bs', '-bd -q30m', '-q', '-bi', '-t -f'])
  test(`sendmail ${line} is refused`, () => {
    assert.throws(
      () => parseSendmailArguments(line.split(' ')),
      (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_USAGE',
    )
  })
