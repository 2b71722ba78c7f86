// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'
import {
  deciding,
  type EntryReason,
  type ScopedMail,
  type Suppression,
  type SuppressionId,
  type SuppressionScope,
  wholeTenant,
} from './suppression.ts'

const now = instant(10_000)
const mail: ScopedMail = { tenant: 'shop', stream: 'news', list: 'spring.shop.example' }

function entry(
  reason: EntryReason,
  scope: SuppressionScope = wholeTenant,
  expiresAt: number | null = null,
): Suppression {
  return {
    id: 1 as SuppressionId,
    tenant: 'shop' as Slug,
    addressHash: new Uint8Array(8),
    address: 'ann@example.net',
    scope,
    reason,
    sourceEvent: null,
    importId: null,
    note: '',
    createdAt: instant(1),
    expiresAt: expiresAt === null ? null : instant(expiresAt),
  }
}

const reasonFor = (...entries: readonly Suppression[]) =>
  deciding(entries, mail, now)?.reason ?? null

describe('The entries of an address', () => {
  it('keep mail from it, whichever they are', () => {
    for (const reason of ['bounce', 'complaint', 'unsubscribe', 'manual'] as const)
      assert.equal(reasonFor(entry(reason)), reason)
    assert.equal(reasonFor(), null)
  })

  it('count only for the mail that they are about', () => {
    for (const [scope, isAbout] of [
      [{ kind: 'stream', name: 'news' }, true],
      [{ kind: 'stream', name: 'receipts' }, false],
      [{ kind: 'list', name: 'spring.shop.example' }, true],
      [{ kind: 'list', name: 'news' }, false],
    ] as const)
      assert.equal(reasonFor(entry('manual', scope)), isAbout ? 'manual' : null)
    const listless = deciding(
      [entry('manual', { kind: 'list', name: '' })],
      { ...mail, list: null },
      now,
    )
    assert.equal(listless, null)
  })

  it('count until they expire', () => {
    assert.equal(reasonFor(entry('bounce', wholeTenant, 10_001)), 'bounce')
    assert.equal(reasonFor(entry('bounce', wholeTenant, 10_000)), null)
  })

  it('give way to an allowance where they are automatic, and never where a person said so', () => {
    const allow = entry('allow')
    assert.equal(reasonFor(allow, entry('bounce'), entry('complaint')), null)
    assert.equal(reasonFor(allow, entry('unsubscribe'), entry('bounce')), 'unsubscribe')
    assert.equal(reasonFor(allow, entry('manual')), 'manual')
    assert.equal(reasonFor(entry('allow', wholeTenant, 9_000), entry('bounce')), 'bounce')
    assert.equal(
      reasonFor(entry('allow', { kind: 'stream', name: 'receipts' }), entry('bounce')),
      'bounce',
    )
  })

  it('give the reason of a person before one that is automatic', () => {
    assert.equal(
      reasonFor(entry('bounce'), entry('complaint'), entry('unsubscribe')),
      'unsubscribe',
    )
    assert.equal(reasonFor(entry('bounce'), entry('complaint')), 'complaint')
  })
})
