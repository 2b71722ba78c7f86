// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CredentialBaselines } from '../../accept/credential-baselines.ts'
import { baselineLimits } from '../../base/limits/baseline-limits.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import type { CredentialId, Slug } from '../../records/records.ts'
import { knownDomainsFile } from '../data-files.ts'
import { keepDomains, recallDomains } from './kept-domains.ts'

const shop = 'shop' as Slug
const web = 'ABCDEFGHJK' as CredentialId

function baselines(clock: ManualClock): CredentialBaselines {
  return new CredentialBaselines({
    clock,
    thresholds: () => baselineLimits,
    onDeparture: () => {},
  })
}

function note(of: CredentialBaselines, domain: string): void {
  of.note(shop, web, [{ forwardPath: `a@${domain}` as Mailbox }])
}

/** Domains that `of` has not known, of these. */
function strangers(of: CredentialBaselines, domains: readonly string[]): number {
  for (const domain of domains) note(of, domain)
  const fresh = of.toWrite().find(({ name }) => name.startsWith('fresh:'))
  return fresh?.recipients ?? 0
}

test('Domains that several workers have learnt are known by each after a restart, and damage is passed over', async (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'posthaste-domains-'))
  context.after(() => rmSync(dataDir, { recursive: true }))
  const clock = new ManualClock()
  const ended = AbortSignal.abort()
  for (const [worker, domain] of ['one.example', 'two.example'].entries()) {
    const learning = baselines(clock)
    note(learning, domain)
    await keepDomains(knownDomainsFile(dataDir, worker), learning, clock, silentLog, ended)
  }
  writeFileSync(knownDomainsFile(dataDir, 2), 'nonsense\n')
  assert.deepEqual(readdirSync(dataDir).sort(), [
    'known-domains-0',
    'known-domains-1',
    'known-domains-2',
  ])
  const told = baselines(clock)
  await recallDomains(dataDir, told, silentLog)
  assert.equal(strangers(told, ['one.example', 'two.example', 'three.example']), 1)
})
