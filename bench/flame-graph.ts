// SPDX-License-Identifier: Apache-2.0
/** Flame graphs as one page that needs nothing else: `flame-graph.html` with the calls in it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Call, totalOf } from './cpu-profile.ts'
import { elsewhere, type Stage, stageOf, stages } from './stages.ts'

export interface FlameGraph {
  readonly title: string
  /** That the time is divided by. */
  readonly messages: number
  readonly calls: Call
}

interface DrawnCall {
  readonly name: string
  readonly place: string
  readonly total: number
  /** Index in the legend. */
  readonly stage: number
  readonly callees: readonly DrawnCall[]
}

const page = new URL('flame-graph.html', import.meta.url)
/** Less than this share of all is too narrow to be seen. */
const LEAST_SHARE = 0.0002

export function writeFlameGraphs(file: string, graphs: readonly FlameGraph[]): void {
  const legend = [...stages, elsewhere]
  const data = {
    stages: legend.map(({ name, colour }) => ({ name, colour })),
    graphs: graphs.map(({ title, messages, calls }) => {
      const least = totalOf(calls) * LEAST_SHARE
      return { title, messages, root: drawn(calls, elsewhere, legend, least) }
    }),
  }
  // A name must not end the script that holds it.
  const text = JSON.stringify(data).replaceAll('<', '\\u003c')
  writeFileSync(
    file,
    readFileSync(page, 'utf8').replace('>null<', () => `>${text}<`),
  )
}

/** The longest first. */
function drawn(call: Call, callers: Stage, legend: readonly Stage[], least: number): DrawnCall {
  const { name, place } = call
  const stage = stageOf(call, callers)
  const callees = [...call.callees.values()]
    .map((callee) => drawn(callee, stage, legend, least))
    .filter(({ total }) => total >= least)
    .sort((one, other) => other.total - one.total)
  return { name, place, total: totalOf(call), stage: legend.indexOf(stage), callees }
}
