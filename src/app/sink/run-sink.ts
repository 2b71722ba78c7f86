// SPDX-License-Identifier: Apache-2.0
/** The sink as a program of its own: listens, prints what comes, and sums up when it is told to stop. */
import { SystemClock } from '../../base/clock.ts'
import { RelayError, systemCode } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import { SystemRandom } from '../../base/random.ts'
import { makeCertificate } from '../self-signed-certificate.ts'
import { KeptMessages } from './kept-messages.ts'
import { isTemperamentName, namedTemperaments } from './named-temperaments.ts'
import type { SinkMessage } from './sink-context.ts'
import { humanReport, jsonReport, type SinkReport } from './sink-report.ts'
import { SinkServer } from './sink-server.ts'
import type { Temperament } from './temperament.ts'

export interface RunSinkOptions {
  readonly address: string
  /** 0: a free one. */
  readonly port: number
  /** Offers STARTTLS, with a certificate made for the occasion. */
  readonly tls: boolean
  /** A name of `namedTemperaments`. */
  readonly temperament: string
  readonly json: boolean
  /** Prints nothing but the summary. */
  readonly countOnly: boolean
  /** A directory for the content of accepted messages. */
  readonly keep: string | null
}

/** Until `stop` aborts. `print` gets lines without their ends. Throws `RLY_PORT_IN_USE`, `RLY_USAGE`. */
export async function runSink(
  options: RunSinkOptions,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const clock = new SystemClock()
  const report = options.json ? jsonReport : humanReport
  const kept = options.keep === null ? null : await KeptMessages.open(options.keep)
  const receive = receiver(report, kept, options.countOnly, print)
  await using sink = new SinkServer({
    temperament: temperamentOf(options.temperament),
    wants: kept ? 'whole' : 'header',
    onMessage: receive,
    onRefusal: (refusal) => {
      if (!options.countOnly) print(report.refusal(refusal))
    },
    ...(options.tls && {
      certificate: await makeCertificate(
        { commonName: 'sink.localhost' },
        clock,
        new SystemRandom(),
      ),
    }),
  })
  const port = await listen(sink, options)
  print(report.listening(`${options.address}:${port}`))
  const begun = clock.monotonic()
  await aborted(stop)
  print(report.summary(sink.tally, clock.monotonic() - begun))
}

/** What is done with a message before its 250. */
function receiver(
  report: SinkReport,
  kept: KeptMessages | null,
  countOnly: boolean,
  print: (line: string) => void,
): (message: SinkMessage) => Promise<void> {
  let isFull = false
  return async (message) => {
    if (!countOnly) print(report.message(message))
    if (!kept || isFull) return
    isFull = !(await kept.keep(message))
    if (isFull) print('The directory has all the files that it may have; no more is kept.')
  }
}

function temperamentOf(name: string): Temperament {
  if (isTemperamentName(name)) return namedTemperaments[name]
  const names = Object.keys(namedTemperaments)
  const meant = nearest(name, names)
  throw new RelayError(
    'RLY_USAGE',
    `no temperament "${name}"; ${meant === null ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`}`,
  )
}

async function listen(sink: SinkServer, { port, address }: RunSinkOptions): Promise<number> {
  try {
    return await sink.listen(port, address)
  } catch (thrown) {
    // EADDRINUSE and EACCES are everyday; the rest is for the caller.
    const code = systemCode(thrown)
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw thrown
    throw new RelayError(
      'RLY_PORT_IN_USE',
      `${address}:${port} ${code === 'EACCES' ? 'needs more rights' : 'is taken'}; choose another with --port`,
      { cause: thrown },
    )
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
