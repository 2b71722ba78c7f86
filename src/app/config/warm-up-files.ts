// SPDX-License-Identifier: Apache-2.0
/** Reads schedules and thresholds of warm-ups: those that come with the program, then the operator's own; a later file wins. */
import { fileURLToPath } from 'node:url'
import { flawIn, type WarmUpSchedule } from '../../queue/warm-up/schedule.ts'
import {
  defaultPolicy,
  flawInPolicy,
  type LimitedKind,
  limitedKinds,
  type Threshold,
  type WarmUpPolicy,
} from '../../queue/warm-up/thresholds.ts'
import type { WarmUpRules } from '../../queue/warm-up/warm-up-rules.ts'
import type { Config } from './config.ts'
import { KeyLines, type KeyPath } from './key-lines.ts'
import { parseToml, readText } from './load-config.ts'
import { configError, type Problem, problemsOf } from './problems.ts'
import { tomlFilesIn } from './toml-folder.ts'
import { type WarmUpTables, warmUpSchema } from './warm-up-schema.ts'

/** In a checkout and in the package. */
const SHIPPED = fileURLToPath(new URL('../../../config/warm-up', import.meta.url))

/** Throws `RLY_CONFIG_INVALID` with the file and line of each mistake. */
export function readWarmUpRules({ delivery: { warmUp } }: Config): WarmUpRules {
  return warmUpRulesIn(warmUp === null ? [SHIPPED] : [SHIPPED, warmUp])
}

export function shippedWarmUpRules(): WarmUpRules {
  return warmUpRulesIn([SHIPPED])
}

function warmUpRulesIn(folders: readonly string[]): WarmUpRules {
  const schedules = new Map<string, WarmUpSchedule>()
  let policy = defaultPolicy
  for (const file of folders.flatMap((folder) => tomlFilesIn(folder, 'warm-up schedules'))) {
    const tables = tablesIn(file)
    for (const schedule of tables.schedule) {
      const name = schedule.name as string
      schedules.set(name, { ...schedule, name })
    }
    policy = withTables(policy, tables)
    const flaw = flawInPolicy(policy)
    if (flaw !== null)
      throw configError(file, new KeyLines(readText(file)), [
        { path: ['thresholds', flaw.kind], text: flaw.text },
      ])
  }
  return { schedules, policy }
}

function tablesIn(file: string): WarmUpTables {
  const text = readText(file)
  const raw = parseToml(text, file)
  const lines = new KeyLines(text)
  const parsed = warmUpSchema.safeParse(raw)
  if (!parsed.success)
    throw configError(file, lines, problemsOf(parsed.error.issues, raw, warmUpSchema))
  const problems = scheduleProblems(parsed.data)
  if (problems.length > 0) throw configError(file, lines, problems)
  return parsed.data
}

function scheduleProblems({ schedule }: WarmUpTables): readonly Problem[] {
  return schedule.flatMap(({ allowances, name }, at): Problem[] => {
    const path: KeyPath = ['schedule', at, 'allowances']
    const flaw = flawIn(allowances)
    const isTwice = schedule.findIndex((other) => other.name === name) !== at
    return [
      ...(flaw === null ? [] : [{ path, text: flaw }]),
      ...(isTwice ? [{ path, text: `there are two schedules "${name}"` }] : []),
    ]
  })
}

function withTables(
  policy: WarmUpPolicy,
  { engaged, pace, thresholds }: WarmUpTables,
): WarmUpPolicy {
  const share = (percent: number | undefined, otherwise: number) =>
    percent === undefined ? otherwise : percent / 100
  const changed = limitedKinds.map((kind): [LimitedKind, Threshold] => {
    const { hold, pause, stepBack } = policy.thresholds[kind]
    const own = thresholds[kind] ?? {}
    return [
      kind,
      {
        hold: share(own.hold, hold),
        stepBack: share(own.step_back, stepBack),
        pause: share(own.pause, pause),
      },
    ]
  })
  return {
    ...policy,
    thresholds: Object.fromEntries(changed) as WarmUpPolicy['thresholds'],
    engaged: {
      recentDays: engaged.recent_days ?? policy.engaged.recentDays,
      someDays: engaged.some_days ?? policy.engaged.someDays,
      staleDays: engaged.stale_days ?? policy.engaged.staleDays,
      earlyDays: engaged.early_days ?? policy.engaged.earlyDays,
    },
    goodPart: share(pace.good_part, policy.goodPart),
    excellentDays: pace.excellent_days ?? policy.excellentDays,
    slowTo: share(pace.slow_to, policy.slowTo),
    pauseHours: pace.pause_hours ?? policy.pauseHours,
    waitDays: pace.wait_days ?? policy.waitDays,
    idleDays: pace.idle_days ?? policy.idleDays,
    coldDays: pace.cold_days ?? policy.coldDays,
  }
}
