// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain } from '../../../test/support/sample-domains.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { SendingDomain, Slug } from '../records.ts'
import { checkHosts } from './foreign-hosts.ts'

const theirs = (name: string, change: Partial<SendingDomain> = {}) =>
  sampleDomain(name, { tenant: 'other' as Slug, state: 'verified', ...change })
const ours = (name: string, trackingDomain = `click.${name}`) =>
  sampleDomain(name, { trackingDomain: trackingDomain as Domain })

test('No domain takes the hosts of another tenant, nor a name below its domain', () => {
  const all = [theirs('b.example', { trackingDomain: 'go.elsewhere.example' as Domain })]
  for (const host of ['click.b.example', 'bounce.b.example', 'b.example', 'go.elsewhere.example'])
    assert.throws(() => checkHosts(ours('a.example', host), all), { code: 'RLY_RECORD_INVALID' })
  checkHosts(ours('a.example', 'go.a.example'), all)
})

test('What is its own stays its own: a domain that several have, one below theirs, one that nobody has proved', () => {
  checkHosts(ours('b.example'), [theirs('b.example')])
  checkHosts(ours('news.b.example'), [theirs('b.example')])
  checkHosts(ours('a.example', 'click.b.example'), [theirs('b.example', { state: 'pending' })])
  checkHosts(ours('a.example', 'click.b.example'), [
    sampleDomain('b.example', { state: 'verified' }),
  ])
})
