// SPDX-License-Identifier: Apache-2.0
/** The targets of the depth benchmark, and which of them a run met. */
import { formatSize } from '../src/base/quantity.ts'
import type { DepthResult } from './depth-result.ts'

export interface Verdict {
  readonly name: string
  readonly value: string
  readonly target: string
  readonly isMet: boolean
}

const RATE_SHARE = 0.9
/** What the most expensive step may cost beside the first. */
const CPU_SHARE = 1.1
const RESIDENT_OCTETS = 1_024 ** 3
const RESTART_MS = 5_000
const HEALTHY_MS = 1_000
const CONTENT_SHARE = 1.3
const OCTETS_PER_RECIPIENT = 150
/** Of 50,000; the others are in the hands of connections. */
const READY_QUEUES = 45_000
const STATUS_MS = 100
const RETURN_MS = 5 * 60_000

export function verdictsOf(result: DepthResult, octets: number, recipients: number): Verdict[] {
  const { steps, asked, healthyMs, manyRecipients, sessions, restarts, returned, windows } = result
  const first = steps[0]
  const last = steps.at(-1)
  if (!first || !last) throw new RangeError('there is at least one step')
  const slowest = Math.min(...steps.map(({ perSecond }) => perSecond)) / first.perSecond
  const dearest =
    Math.max(...steps.map(({ cpuMsPerMessage }) => cpuMsPerMessage)) / first.cpuMsPerMessage
  const failed = steps.reduce((sum, step) => sum + step.failed, 0)
  const disk = last.disk.mail + last.disk.index
  const diskAllowed = last.messages * (octets * CONTENT_SHARE + recipients * OCTETS_PER_RECIPIENT)
  const healthy = Math.max(...healthyMs.map((ms) => ms ?? Number.POSITIVE_INFINITY))
  return [
    verdict('refused messages', String(failed), 'none', failed === 0),
    verdict(
      'slowest step',
      percent(slowest),
      `at least ${percent(RATE_SHARE)} of the first`,
      slowest >= RATE_SHARE,
    ),
    verdict(
      'CPU of the dearest step',
      percent(dearest),
      `at most ${percent(CPU_SHARE)} of the first`,
      dearest <= CPU_SHARE,
    ),
    verdict(
      'most resident memory',
      formatSize(result.mostResidentOctets),
      `under ${formatSize(RESIDENT_OCTETS)}`,
      result.mostResidentOctets < RESIDENT_OCTETS,
    ),
    verdict(
      'disk without events',
      formatSize(disk),
      `at most ${formatSize(diskAllowed)}: ${CONTENT_SHARE} × content + ${OCTETS_PER_RECIPIENT} octets a recipient`,
      disk <= diskAllowed,
    ),
    verdict(
      'questions of people',
      `status after ${ms(asked.statusMs)} (${asked.waiting} wait), the largest queues after ${ms(asked.listMs)}`,
      `status within ${ms(STATUS_MS)}`,
      asked.statusMs <= STATUS_MS,
    ),
    verdict(
      'ready queues with mail',
      `${windows.ready}, ${formatSize(Math.max(0, windows.octetsEach))} each, ${windows.cpuMsPerMessage.toFixed(2)} ms CPU a message`,
      `at least ${READY_QUEUES}`,
      windows.ready >= READY_QUEUES,
    ),
    verdict(
      'slowest message to a healthy domain',
      ms(healthy),
      `under ${ms(HEALTHY_MS)}`,
      healthy < HEALTHY_MS,
    ),
    verdict(
      `message with ${manyRecipients.recipients} recipients`,
      `accepted after ${ms(manyRecipients.acceptedMs)}, ${manyRecipients.arrived} arrived after ${ms(manyRecipients.arrivedMs)}`,
      'all arrive once',
      manyRecipients.arrived === manyRecipients.recipients,
    ),
    verdict(
      'idle sessions',
      `${sessions.open}, ${formatSize(sessions.octetsEach)} each`,
      '5000',
      sessions.open >= 5_000,
    ),
    ...restarts.map(({ signal, acceptedMs, arrivedMs }) =>
      verdict(
        `restart by ${signal}`,
        `message accepted after ${ms(acceptedMs)}, delivered after ${ms(arrivedMs ?? Number.POSITIVE_INFINITY)}`,
        `accepted within ${ms(RESTART_MS)}`,
        acceptedMs <= RESTART_MS,
      ),
    ),
    verdict(
      'receivers that came up',
      `${returned.arrived} of ${returned.expected} arrived in ${ms(returned.deliveryMs)}`,
      `all arrive once, within ${ms(RETURN_MS)}`,
      returned.arrived === returned.expected && returned.deliveryMs <= RETURN_MS,
    ),
    verdict(
      'space after delivery',
      `${formatSize(returned.before)} before, ${formatSize(returned.atArrival)} at delivery, ${formatSize(returned.afterMinute)} a minute later`,
      'back within a minute, but for an open and a shared segment',
      returned.spaceBackMs !== null,
    ),
  ]
}

function verdict(name: string, value: string, target: string, isMet: boolean): Verdict {
  return { name, value, target, isMet }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value)} ms` : 'never'
}
