// SPDX-License-Identifier: Apache-2.0
/** What a run of the depth benchmark found. */
import type { DiskUse } from './depth-relay.ts'

export interface DepthStep {
  /** At its end. */
  readonly messages: number
  readonly perSecond: number
  readonly cpuMsPerMessage: number
  readonly residentOctets: number
  readonly failed: number
  readonly disk: DiskUse
}

export interface DepthResult {
  readonly steps: readonly DepthStep[]
  /** From the 250 to the receiver, of each that was sent alone; `null`: never came. */
  readonly healthyMs: readonly (number | null)[]
  readonly manyRecipients: {
    readonly recipients: number
    readonly acceptedMs: number
    readonly arrived: number
    readonly arrivedMs: number
  }
  readonly sessions: { readonly open: number; readonly octetsEach: number }
  /** At full depth: what `status` counted, and how long it and the list of the largest queues took. */
  readonly asked: { readonly waiting: number; readonly statusMs: number; readonly listMs: number }
  /** Recipients in windows, each of another ready queue; resident memory of each. */
  readonly windows: {
    readonly ready: number
    readonly octetsEach: number
    readonly cpuMsPerMessage: number
  }
  /** From the signal to the next message that is accepted, and that has arrived. */
  readonly restarts: readonly {
    readonly signal: string
    readonly acceptedMs: number
    readonly arrivedMs: number | null
  }[]
  readonly returned: {
    readonly messages: number
    readonly octets: number
    readonly arrived: number
    readonly expected: number
    readonly deliveryMs: number
    /** Of mail and index: before these messages came, when all had arrived, and a minute later. */
    readonly before: number
    readonly atArrival: number
    readonly afterMinute: number
    readonly spaceBackMs: number | null
  }
  readonly mostResidentOctets: number
}
