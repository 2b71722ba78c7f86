// SPDX-License-Identifier: Apache-2.0
/** CPU time and memory of a process and all its children, and what the machine does in all, from /proc. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Of one tick in /proc, on every Linux: USER_HZ is 100. */
const TICK_MS = 10
/** Where in /proc/…/stat, after the name. */
const UTIME = 11

/** User and system time of all threads, milliseconds, with children that were waited for. */
export function cpuMsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + ownCpuMs(member), 0)
}

/**
 * As Node names its threads: the loop; libuv's pool, which signs, writes and syncs; V8's helpers, which compile and collect; our
 * search view; and the sampler of a profile, of which a relay that nobody profiles has none.
 */
const threadNames = {
  MainThread: 'main',
  'libuv-worker': 'pool',
  V8Worker: 'v8',
  search: 'search',
  'v8:ProfEvntProc': 'profiler',
} as const

export type ThreadKind = (typeof threadNames)[keyof typeof threadNames] | 'other'

/** Milliseconds, of all processes that live. */
export type ThreadCpu = Readonly<
  Record<ThreadKind, { readonly userMs: number; readonly systemMs: number }>
>

export function threadCpuOf(pid: number): ThreadCpu {
  const cpu = {
    main: { userMs: 0, systemMs: 0 },
    pool: { userMs: 0, systemMs: 0 },
    v8: { userMs: 0, systemMs: 0 },
    search: { userMs: 0, systemMs: 0 },
    profiler: { userMs: 0, systemMs: 0 },
    other: { userMs: 0, systemMs: 0 },
  }
  for (const member of treeOf(pid))
    for (const thread of threadsOf(member)) {
      const { name, fields } = statOf(`/proc/${member}/task/${thread}/stat`)
      const kind = name in threadNames ? threadNames[name as keyof typeof threadNames] : 'other'
      cpu[kind].userMs += Number(fields[UTIME]) * TICK_MS
      cpu[kind].systemMs += Number(fields[UTIME + 1]) * TICK_MS
    }
  return cpu
}

/** What all cores did since the machine started, milliseconds, this benchmark included. */
export function busyMsOfMachine(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = readOrNothing('/proc/stat')
    .split('\n', 1)
    .join()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softIrq) * TICK_MS
}

/** Sum of the peaks (VmHWM), octets. */
export function peakOctetsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + statusOctets(member, 'VmHWM'), 0)
}

/** Sum of what is resident now (VmRSS), octets. */
export function residentOctetsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + statusOctets(member, 'VmRSS'), 0)
}

function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    readOrNothing(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  )
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    // It has just ended.
    return []
  }
}

function ownCpuMs(pid: number): number {
  const { fields } = statOf(`/proc/${pid}/stat`)
  // utime, stime, cutime, cstime.
  return fields.slice(UTIME, UTIME + 4).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0)
}

/** The name in parentheses, which may hold spaces, and all after it. */
function statOf(file: string): { readonly name: string; readonly fields: readonly string[] } {
  const text = readOrNothing(file)
  const end = text.lastIndexOf(')')
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    fields: end === -1 ? Array(UTIME + 4).fill('0') : text.slice(end + 2).split(' '),
  }
}

function statusOctets(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  const line = readOrNothing(`/proc/${pid}/status`)
    .split('\n')
    .find((text) => text.startsWith(`${name}:`))
  return Number(/\d+/.exec(line ?? '')?.[0] ?? 0) * 1_024
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It has just ended.
    return ''
  }
}
