// SPDX-License-Identifier: Apache-2.0
/**
 * A campaign to thousands, of which much comes back: at once and later, in several forms, complaints, wishes to get no more. When all
 * of it is taken, the providers' ledger is counted and compared with what the relay says.
 */
import { join } from 'node:path'
import { table } from '../../src/app/cli/layout.ts'
import type { Terminal } from '../../src/app/cli/terminal.ts'
import { ms, seconds } from '../../src/base/brand.ts'
import type { Clock } from '../../src/base/clock.ts'
import { type DemoRelay, startRelay } from '../demo-relay.ts'
import { buildWorldOf } from '../demo-world.ts'
import { SHOP_DOMAIN } from '../providers.ts'
import { type CountRow, countOf, isRight } from './count.ts'
import { Ledger, readLedger } from './ledger.ts'
import { campaignProviders, subscribers } from './mailboxes.ts'
import { ProvidersSide } from './providers-side.ts'
import { askRelay, call, type RelayApi } from './relay-facts.ts'
import { WARM_UP_FOLDER, warmUpCommands, writeSchedule } from './warm-ups.ts'

export interface CampaignOptions {
  /** Empty; removed by the caller. */
  readonly folder: string
  readonly recipients: number
  readonly terminal: Terminal
  readonly clock: Clock
  readonly stop: AbortSignal
}

export interface CampaignSummary {
  readonly recipients: number
  readonly seconds: number
  readonly isRight: boolean
  readonly rows: readonly CountRow[]
}

const BATCH = 500
const LOOK_EVERY = ms(500)
/** For views of the relay that are a little behind, once nothing comes back any more. */
const PATIENCE = seconds(60)
/** All mail is out and back within this, for each thousand. */
const LONGEST_FOR_THOUSAND = seconds(60)

export async function performCampaign(options: CampaignOptions): Promise<CampaignSummary> {
  const { clock, folder, recipients, terminal } = options
  const ledger = new Ledger(join(folder, 'providers.ledger'))
  const side = new ProvidersSide(ledger, `fbl@bounce.${SHOP_DOMAIN}`)
  await using world = await buildWorldOf(zoneText(), () => side.servers(clock))
  terminal.line(`Starting a relay in ${folder}`)
  await writeSchedule(folder)
  const relay = await startRelay(folder, world, clock, {
    delivery: `warm_up = "${WARM_UP_FOLDER}"`,
    // Bounces suppress at once: a demo waits for no second thoughts. So much comes back that its tenant would be held.
    tables: '[feedback]\nsuppress_after = "0s"\n\n[standing]\nwithout_quarantine = "warn"\n',
    commands: [
      ['stream', 'change', 'bulk', '--tenant', 'shop', '--add-unsubscribe'],
      ...warmUpCommands(),
    ],
  })
  const begun = clock.monotonic()
  try {
    side.connect(relay.inboundPort)
    terminal.line(
      `Sending a campaign to ${recipients} subscribers of ${campaignProviders.length} providers`,
    )
    await send(relay.api, subscribers(recipients))
    await untilBack(options, relay, side, ledger)
    await ledger.close()
    const rows = await settledCount(options, relay.api, ledger.file)
    const took = Math.round((clock.monotonic() - begun) / 100) / 10
    report(terminal, rows, side, recipients, took)
    return { recipients, seconds: took, isRight: isRight(rows) && side.refused.length === 0, rows }
  } finally {
    side.close()
    await relay.stop()
  }
}

async function send(api: RelayApi, all: readonly string[]): Promise<void> {
  for (let at = 0; at < all.length; at += BATCH)
    await call(api, '/messages/personalised?tenant=shop', {
      from: { address: `news@${SHOP_DOMAIN}`, name: 'The Linen Shop' },
      subject: 'Spring is here',
      text: 'Dear {{name}},\nspring is here. Save 20 % until Sunday.\n',
      stream: 'bulk',
      campaign: 'spring',
      recipients: all.slice(at, at + BATCH).map((to) => ({
        to,
        substitutions: { name: to.slice(0, to.indexOf('@')) },
      })),
    })
}

/** Every subscriber is in the ledger, and what comes back is with the relay. */
async function untilBack(
  { clock, recipients, stop, terminal }: CampaignOptions,
  relay: DemoRelay,
  side: ProvidersSide,
  ledger: Ledger,
): Promise<void> {
  const longest = clock.monotonic() + seconds(30) + (LONGEST_FOR_THOUSAND * recipients) / 1_000
  let lines = -1
  while (clock.monotonic() < longest && !stop.aborted) {
    await clock.sleep(LOOK_EVERY, stop)
    const { waiting, ready } = await relay.control.get<{ waiting: number; ready: number }>(
      '/v1/status',
    )
    const isQuiet = waiting === 0 && ready === 0 && side.isIdle && ledger.lines === lines
    if (isQuiet && lines >= recipients) return
    if (ledger.lines !== lines) terminal.line(`  ${ledger.lines} lines in the providers' ledger`)
    lines = ledger.lines
  }
}

/** Asks until it is right or patience is at its end: views of the relay may be behind. */
async function settledCount(
  { clock, stop }: CampaignOptions,
  api: RelayApi,
  file: string,
): Promise<readonly CountRow[]> {
  const ledger = readLedger(file)
  const latest = clock.monotonic() + PATIENCE
  for (;;) {
    const rows = countOf(ledger, await askRelay(api))
    if (isRight(rows) || clock.monotonic() > latest || stop.aborted) return rows
    await clock.sleep(LOOK_EVERY, stop)
  }
}

function report(
  terminal: Terminal,
  rows: readonly CountRow[],
  side: ProvidersSide,
  recipients: number,
  took: number,
): void {
  const headings = ['WHAT', 'LEDGER', 'RELAY', 'DIFFERENT']
  const cells = rows.map(({ different, ledger, relay, what }) => [
    what,
    ledger,
    relay,
    different.join('; '),
  ])
  terminal.line(`\n${table(terminal, headings, cells)}`)
  for (const why of side.refused.slice(0, 5)) terminal.line(`The relay did not take: ${why}`)
  const verdict = isRight(rows) ? 'All of it is right' : 'The relay and the providers differ'
  terminal.line(`\n${verdict}: ${recipients} subscribers, ${took} s.`)
}

function zoneText(): string {
  return campaignProviders
    .flatMap(({ address, domain, mxHost }) => [
      `${mxHost} A ${address}`,
      `${domain} MX 10 ${mxHost}`,
    ])
    .join('\n')
}
