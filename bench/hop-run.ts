// SPDX-License-Identifier: Apache-2.0
/** One run of the hop benchmark: a relay that is started, warmed up, loaded and ended. */
import { HopRig, type Passage } from './hop-rig.ts'
import { peakOctetsOf } from './process-tree.ts'
import { quantile } from './spread.ts'

export interface HopOptions {
  readonly messages: number
  readonly warmUp: number
  readonly connections: number
  /** Content of one message. */
  readonly octets: number
  /** For the spool and the log. */
  readonly folder: string
  /** See `HopRig`. */
  readonly nodeFlags: readonly string[]
}

/** What is right or wrong with the mail of a run. All but `accepted` must be 0. */
export interface MailCounts {
  /** Got 250 and did not come. */
  readonly lost: number
  readonly duplicates: number
  /** Refused by the relay. */
  readonly failed: number
  readonly unsigned: number
}

export interface HopRun extends MailCounts {
  readonly octets: number
  readonly messages: number
  readonly connections: number
  readonly messagesPerSecond: number
  /** Of the relay alone, with its threads and children, until a second after the last message. */
  readonly cpuMsPerMessage: number
  readonly peakOctets: number
  readonly ackP50Ms: number
  readonly ackP99Ms: number
  /** See `Passage`. */
  readonly coresElsewhere: number
}

export async function runHop(options: HopOptions): Promise<HopRun & Passage> {
  const { octets, connections, messages, warmUp, folder, nodeFlags } = options
  await using rig = await HopRig.start({ folder, nodeFlags, workers: 1, receivers: null })
  const common = { octets, connections, perSecond: null }
  await rig.pass({ ...common, first: 0, messages: warmUp })
  const passage = await rig.pass({ ...common, first: warmUp, messages })
  const { load, cpuMs } = passage
  return {
    ...passage,
    ...countsOf(passage),
    ...{ octets, messages, connections },
    messagesPerSecond: messagesPerSecond(passage),
    cpuMsPerMessage: cpuMs / messages,
    peakOctets: peakOctetsOf(rig.pid),
    ackP50Ms: quantile(load.acknowledgedMs, 0.5),
    ackP99Ms: quantile(load.acknowledgedMs, 0.99),
  }
}

/** From the first connection to the last message at the sink. */
export function messagesPerSecond({ load, sink }: Passage): number {
  return (sink.distinct * 1_000) / (sink.lastAt - load.begunAt)
}

export function countsOf({ load, sink }: Passage): MailCounts {
  const arrived = sink.distinct + sink.duplicates + sink.unknown
  return {
    lost: Math.max(0, load.accepted - sink.distinct),
    duplicates: sink.duplicates,
    failed: load.failed,
    unsigned: arrived - sink.signed,
  }
}

export function isGood({ lost, duplicates, failed, unsigned }: MailCounts): boolean {
  return lost + duplicates + failed + unsigned === 0
}
