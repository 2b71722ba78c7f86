// SPDX-License-Identifier: Apache-2.0
/** What most scenarios have: a relay, and the sink that all of its mail goes to. */
import type { SinkOptions } from '../../src/app/sink/sink-server.ts'
import { routeTo } from './relay-config.ts'
import { type RelaySettings, RunningRelay } from './running-relay.ts'
import { type RunningSink, startSink } from './running-sink.ts'

/** Both end with `running`. The relay has the domain shop.example where `settings` name no others. */
export async function relayBeforeSink(
  running: AsyncDisposableStack,
  settings: RelaySettings = {},
  options: SinkOptions = {},
): Promise<{ readonly relay: RunningRelay; readonly sink: RunningSink }> {
  const sink = running.use(await startSink(options))
  const config = `${settings.config ?? ''}${routeTo(sink.port)}`
  const relay = running.use(
    await RunningRelay.start({ domains: ['shop.example'], ...settings, config }),
  )
  return { relay, sink }
}
