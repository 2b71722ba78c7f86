// SPDX-License-Identifier: Apache-2.0
/**
 * To which domains mail of each credential has gone, over a restart: a file for each worker, a line for each credential, written
 * seldom. All workers read all of them at their start, so that they know the same however many there are. Not in the records, where each
 * write would make every process read them again.
 */
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { CredentialBaselines } from '../../accept/credential-baselines.ts'
import { departureInWords } from '../../accept/departure.ts'
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { baselineLimits } from '../../base/limits/baseline-limits.ts'
import type { Log } from '../../base/log.ts'
import type { CredentialId, Slug } from '../../records/records.ts'
import { knownDomainsFile } from '../data-files.ts'
import type { LiveConfig } from '../live-config.ts'

const octets = z
  .base64()
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(({ length }) => length === baselineLimits.sketchOctets)
const line = z.tuple([
  z.string().transform((text) => text as Slug),
  z.string().transform((text) => text as CredentialId),
  z.number(),
  z.number(),
  octets,
  octets,
])

type Domains = Pick<CredentialBaselines, 'recall' | 'takeLearnt'>

/** With what was learnt before this process began; before mail is taken. */
export async function openBaselines(
  live: LiveConfig,
  clock: Clock,
  log: Log,
  announce: (type: 'credential.departed', text: string, tenant: string) => void,
): Promise<CredentialBaselines> {
  const baselines = new CredentialBaselines({
    clock,
    thresholds: () => live.current.config.baseline,
    onDeparture: (departure, tenant) =>
      announce('credential.departed', departureInWords(departure), tenant),
  })
  await recallDomains(live.current.config.dataDir, baselines, log)
  return baselines
}

/** Of all workers. What cannot be read is learnt again. */
export async function recallDomains(dataDir: string, domains: Domains, log: Log): Promise<void> {
  const prefix = basename(knownDomainsFile(dataDir, 0)).replace(/0$/, '')
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(prefix) || name.endsWith('.new')) continue
    try {
      const text = await readFile(join(dataDir, name), 'utf8')
      for (const each of text.split('\n')) if (each !== '') recall(domains, each)
    } catch (thrown) {
      // Of another version, or damaged.
      log.warn({ file: name, error: messageOf(thrown) }, 'known domains cannot be read')
    }
  }
}

/** Until `signal` aborts, and then once more. */
export async function keepDomains(
  file: string,
  domains: Domains,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(ms(baselineLimits.sketchesEveryMs), signal)
    const learnt = domains.takeLearnt()
    try {
      if (learnt !== null) await write(file, learnt)
    } catch (thrown) {
      // A full disk, most likely: what was learnt meanwhile is written with what comes.
      log.warn({ error: messageOf(thrown) }, 'known domains cannot be written now')
    }
    if (signal.aborted) return
  }
}

function recall(domains: Domains, text: string): void {
  const [tenant, credential, since, generation, young, old] = line.parse(JSON.parse(text))
  domains.recall(tenant, credential, { since, generation, young, old })
}

async function write(
  file: string,
  learnt: NonNullable<ReturnType<Domains['takeLearnt']>>,
): Promise<void> {
  const fresh = join(dirname(file), `${basename(file)}.new`)
  await writeFile(fresh, linesOf(learnt), { mode: 0o600 })
  await rename(fresh, file)
}

/** One at a time, so that nobody waits for two thousand of them. */
function* linesOf(learnt: NonNullable<ReturnType<Domains['takeLearnt']>>): Iterable<string> {
  for (const { credential, kept, tenant } of learnt) {
    const { generation, old, since, young } = kept
    const texts = [young, old].map((each) => Buffer.from(each).toString('base64'))
    yield `${JSON.stringify([tenant, credential, since, generation, ...texts])}\n`
  }
}
