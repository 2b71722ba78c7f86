// SPDX-License-Identifier: Apache-2.0
/** What several runs of the hop benchmark with one size came to. */
import type { HopRun, MailCounts } from './hop-run.ts'
import { type Spread, spreadOf } from './spread.ts'
import type { StageShare } from './stages.ts'

export interface HopResult extends MailCounts {
  readonly octets: number
  /** Of each run. */
  readonly messages: number
  readonly connections: number
  readonly runs: number
  readonly messagesPerSecond: Spread
  readonly cpuMsPerMessage: Spread
  readonly ackP50Ms: Spread
  readonly ackP99Ms: Spread
  /** The highest. */
  readonly peakOctets: number
  readonly coresElsewhere: number
  /** Of one more run that was profiled. */
  readonly stages: readonly StageShare[]
}

/** From here on, what else the machine does shows in the figures. The threads of the kernel that write are in it. */
const BUSY_CORES = 0.3

export function isQuiet({ coresElsewhere }: HopResult): boolean {
  return coresElsewhere < BUSY_CORES
}

export function resultOf(runs: readonly HopRun[], stages: readonly StageShare[]): HopResult {
  const { octets, messages, connections } = runs[0] as HopRun
  const spread = (of: (run: HopRun) => number) => spreadOf(runs.map(of))
  const sum = (of: (run: HopRun) => number) => runs.reduce((total, run) => total + of(run), 0)
  return {
    ...{ octets, messages, connections, stages },
    runs: runs.length,
    messagesPerSecond: spread((run) => run.messagesPerSecond),
    cpuMsPerMessage: spread((run) => run.cpuMsPerMessage),
    ackP50Ms: spread((run) => run.ackP50Ms),
    ackP99Ms: spread((run) => run.ackP99Ms),
    peakOctets: Math.max(...runs.map((run) => run.peakOctets)),
    coresElsewhere: Math.max(...runs.map((run) => run.coresElsewhere)),
    lost: sum((run) => run.lost),
    duplicates: sum((run) => run.duplicates),
    failed: sum((run) => run.failed),
    unsigned: sum((run) => run.unsigned),
  }
}
