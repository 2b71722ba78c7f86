// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitorOf } from './visitor.ts'

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

test('Who is probably somebody is told from machines, by what each says of itself', () => {
  for (const [agent, expected] of [
    [CHROME, ['desktop', null]],
    [IPHONE, ['mobile', null]],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0',
      ['mail-program', null],
    ],
    ['Mozilla/5.0', ['proxy', 'privacy']],
    [
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
      ['proxy', 'image-proxy'],
    ],
    [
      'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
      ['proxy', 'image-proxy'],
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246',
      ['robot', 'scanner'],
    ],
    ['BarracudaCentral', ['robot', 'scanner']],
    [
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      ['robot', 'robot'],
    ],
    ['curl/8.5.0', ['robot', 'robot']],
    ['', ['robot', 'robot']],
    ['Something', ['unknown', null]],
  ] as const) {
    const visitor = visitorOf('GET', { 'user-agent': agent })
    assert.deepEqual([visitor.agent, visitor.machine], expected, agent)
  }
})

test('A browser that fetches before somebody wants it, or only looks, is a machine', () => {
  const headers = { 'user-agent': CHROME }
  assert.equal(visitorOf('HEAD', headers).machine, 'head')
  for (const more of [
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-moz': 'prefetch' },
  ])
    assert.equal(visitorOf('GET', { ...headers, ...more }).machine, 'prefetch')
})
