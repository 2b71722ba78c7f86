// SPDX-License-Identifier: Apache-2.0
/**
 * How long a submitter waits for its 250 where submitters do not wait for each other: measures the peak by a closed loop, then
 * sends at half of it, at moments that were drawn before, and counts from those. Ends with 1 where a target was missed.
 *
 *   npm run bench:latency -- [--help]
 */
import { facts } from '../src/app/cli/layout.ts'
import { Terminal } from '../src/app/cli/terminal.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, contentSize, workFolder } from './command-line.ts'
import { histogram } from './histogram.ts'
import { HopRig } from './hop-rig.ts'
import { countsOf, isGood, messagesPerSecond } from './hop-run.ts'
import { quantile } from './spread.ts'

const values = commandLine(
  `Usage: npm run bench:latency -- [options]
  --samples <n>         messages whose time is taken (default 100000)
  --workers <n>         of the relay (default 2)
  --connections <n>     that messages find open (default 200)
  --size <octets>       of content (default 4k)
  --rate <n>            messages a second (default: half of the peak, which is measured before)
  --warmup <n>          messages before all (default 5000)`,
  {
    samples: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '2' },
    connections: { type: 'string', default: '200' },
    size: { type: 'string', default: '4k' },
    rate: { type: 'string' },
    warmup: { type: 'string', default: '5000' },
  },
)
const samples = wholeNumber('samples', values.samples)
const octets = contentSize('size', values.size)
const connections = wholeNumber('connections', values.connections)
const workers = wholeNumber('workers', values.workers)
const givenRate = values.rate === undefined ? null : wholeNumber('rate', values.rate)

const warmUp = wholeNumber('warmup', values.warmup)

const PEAK_MESSAGES = 15_000
/** A closed loop that keeps both ends busy. */
const PEAK_CONNECTIONS = 40
const target = { medianMs: 3, p999Ms: 50 }

const terminal = new Terminal(process.stdout, process.stderr, values.json)
using folder = workFolder(values.dir, 'latency')
await using rig = await HopRig.start({
  ...{ folder: folder.path, workers },
  ...{ receivers: null, nodeFlags: [] },
})
const closed = { octets, connections: PEAK_CONNECTIONS, perSecond: null }
await rig.pass({ ...closed, first: 0, messages: warmUp })
const peak = givenRate === null ? await measurePeak() : null
const perSecond = givenRate ?? Math.round((peak ?? 0) / 2)
const toldPeak = peak === null ? '' : `peak ${peak.toFixed(0)} messages/s; `
terminal.note(`${toldPeak}${samples} samples at ${perSecond}/s`)
const first = warmUp + PEAK_MESSAGES
const passage = await rig.pass({ octets, connections, perSecond, first, messages: samples })
const { acknowledgedMs, lateMs } = passage.load
const at = (share: number) => quantile(acknowledgedMs, share)
const result = {
  ...{ octets, workers, connections, samples, peak, perSecond },
  medianMs: at(0.5),
  p99Ms: at(0.99),
  p999Ms: at(0.999),
  longestMs: at(1),
  /** Of the client's own making, see `LoadResult`. */
  lateMs: { median: quantile(lateMs, 0.5), p999: quantile(lateMs, 0.999) },
  cpuMsPerMessage: passage.cpuMs / samples,
  coresElsewhere: passage.coresElsewhere,
  ...countsOf(passage),
}
const isMet = result.medianMs < target.medianMs && result.p999Ms < target.p999Ms
terminal.result({ ...result, isMet }, report)
process.exitCode = isMet && isGood(result) ? 0 : 1

async function measurePeak(): Promise<number> {
  return messagesPerSecond(await rig.pass({ ...closed, first: warmUp, messages: PEAK_MESSAGES }))
}

function report(): string {
  const ms = (duration: number) => `${duration.toFixed(2)} ms`
  const judged = (duration: number, mostMs: number) => ({
    text: `${ms(duration)} (target: under ${mostMs} ms)`,
    style: duration < mostMs ? ('green' as const) : ('red' as const),
  })
  const { lost, failed, duplicates, unsigned } = result
  return [
    facts(terminal, [
      ['median', judged(result.medianMs, target.medianMs)],
      ['99 %', ms(result.p99Ms)],
      ['99.9 %', judged(result.p999Ms, target.p999Ms)],
      ['longest', ms(result.longestMs)],
      [
        'of it in the client',
        `${ms(result.lateMs.median)} median, ${ms(result.lateMs.p999)} 99.9 %`,
      ],
      ['CPU', `${result.cpuMsPerMessage.toFixed(2)} ms a message, ${result.workers} workers`],
      ['mail', `${lost} lost, ${failed} failed, ${duplicates} duplicates, ${unsigned} unsigned`],
      ['busy with other things', `${result.coresElsewhere.toFixed(1)} cores`],
    ]),
    histogram(terminal, acknowledgedMs),
  ].join('\n\n')
}
