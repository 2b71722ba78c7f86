// SPDX-License-Identifier: Apache-2.0
/**
 * What a process of the relay is: all of it, the supervisor, one of the workers, the control process, or a spare for these. The mode is known
 * here alone. Each loads what it is and no more: a supervisor needs none of what handles mail.
 */
import { flushCompileCache } from 'node:module'
import { SystemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { SystemRandom } from '../base/random.ts'
import type { Config } from './config/config.ts'
import { compileCacheFolder } from './data-files.ts'
import { apiPortIn, freePorts, webPortIn } from './free-ports.ts'
import { readKeyFile } from './key-file.ts'
import type { ListeningPorts } from './listeners.ts'
import { LiveConfig } from './live-config.ts'
import { type Running, runUntilSignal } from './run-until-signal.ts'
import {
  type Assignment,
  isAssignment,
  reportLoaded,
  reportReady,
} from './supervisor/process-report.ts'
import { Supervisor } from './supervisor/supervisor.ts'
import { systemAdvice } from './system-advice.ts'
import { readSystemFacts } from './system-facts.ts'
import { renewTicketKeys } from './tls/ticket-keys.ts'

export async function serveAlone(file: string): Promise<void> {
  const live = LiveConfig.load(file)
  const log = createLog(live.current.config.logLevel)
  advise(live, 1, log)
  await runUntilSignal(async (onFatal) => {
    const { Relay } = await import('./relay.ts')
    const relay = await Relay.start(live, log, onFatal)
    const { dataDir } = live.current.config
    log.info(
      { listeners: relay.listeners, ...relay.frontPorts, dataDir, pid: process.pid },
      'taking mail',
    )
    flushCompileCache()
    return relay
  }, log)
}

/** The supervisor of `workers` workers. */
export async function serveMany(file: string, workers: number): Promise<void> {
  const live = LiveConfig.load(file)
  const log = createLog(live.current.config.logLevel).child({ process: 'supervisor' })
  const { config } = live.current
  const random = new SystemRandom()
  const ports = await freePorts(config, random)
  const clock = new SystemClock()
  // Before there are workers, so that all of them begin with the same.
  renewTicketKeys(
    { dataDir: config.dataDir, keyring: readKeyFile(config.keyFile) },
    clock.now(),
    random,
  )
  advise(live, workers, log)
  const supervisor = new Supervisor({
    configFile: file,
    compileCache: compileCacheFolder(live.current.config.dataDir),
    workers,
    ports,
    clock,
    log,
    check: () => live.reload(),
  })
  process.on('SIGUSR2', () => void supervisor.replaceAll())
  await runUntilSignal(async () => {
    const exitCode = await supervisor.start()
    if (exitCode !== null) process.exit(exitCode)
    const operations = supervisor.operationsPort
    const listeners = listeningPorts(config, ports)
    const api = apiPortIn(config, ports)
    log.info({ listeners, operations, api, workers, pid: process.pid }, 'taking mail')
    return supervisor
  }, log)
}

function advise(live: LiveConfig, workers: number, log: Log): void {
  for (const advice of systemAdvice(live.current.config, workers, readSystemFacts()))
    log.warn({}, advice)
}

/** One of those whom a supervisor keeps alive: `worker:0/4`, `control:4`, or `spare`, which becomes one of them. */
export async function serveAs(
  file: string,
  role: string,
  sharedPorts: readonly number[],
): Promise<void> {
  if (role === 'spare') await serveSpare(file)
  else if (role.startsWith('worker:'))
    await serveWorker(file, role.slice('worker:'.length), sharedPorts)
  else await serveControl(file, Number(role.slice('control:'.length)))
}

/** All that it will need is loaded by now. It ends with its supervisor. */
async function serveSpare(file: string): Promise<void> {
  const assigned = Promise.withResolvers<Assignment>()
  const end = () => process.exit(0)
  process.once('disconnect', end)
  if (process.connected === false) end()
  process.on('message', (message) => {
    if (isAssignment(message)) assigned.resolve(message)
  })
  await Promise.all([import('./worker-process.ts'), import('./control-process.ts')])
  flushCompileCache()
  reportLoaded()
  const { role, ports } = await assigned.promise
  process.off('disconnect', end)
  process.title = `posthaste ${role}`
  await serveAs(file, role, ports)
}

/** `place`: `index/count`. */
async function serveWorker(
  file: string,
  place: string,
  sharedPorts: readonly number[],
): Promise<void> {
  const [index = 0, count = 1] = place.split('/').map(Number)
  const live = LiveConfig.load(file)
  const log = createLog(live.current.config.logLevel).child({ process: `worker ${index}` })
  const { WorkerProcess } = await import('./worker-process.ts')
  await supervised(
    (onFatal) => WorkerProcess.start(live, { index, count, sharedPorts }, log, onFatal),
    log,
  )
}

async function serveControl(file: string, workers: number): Promise<void> {
  const live = LiveConfig.load(file)
  const log = createLog(live.current.config.logLevel).child({ process: 'control' })
  const { ControlProcess } = await import('./control-process.ts')
  await supervised((onFatal) => ControlProcess.start(live, workers, log, onFatal), log)
}

function supervised(
  start: (onFatal: () => void) => Promise<Running & { readonly port: number }>,
  log: Parameters<typeof runUntilSignal>[1],
): Promise<void> {
  return runUntilSignal(async (onFatal) => {
    const running = await start(onFatal)
    reportReady(running.port)
    return running
  }, log)
}

/** `ports` in the order of listeners and their addresses. */
function listeningPorts(config: Config, ports: readonly number[]): ListeningPorts {
  const rest = [...ports]
  const web = webPortIn(config, ports)
  return Object.fromEntries([
    ...config.listeners.map(({ name, addresses }) => [name, rest.splice(0, addresses.length)]),
    ...(web === null ? [] : [['web', [web]]]),
  ])
}
