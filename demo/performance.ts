// SPDX-License-Identifier: Apache-2.0
/** The demo from curtain to curtain: builds the world, starts the relay, sends, watches, sums up, cleans up. */
import type { Terminal } from '../src/app/cli/terminal.ts'
import { ms, seconds } from '../src/base/brand.ts'
import type { Clock } from '../src/base/clock.ts'
import type { QueueRow, SiteRow } from '../src/control/queues/queue-views.ts'
import type { Event } from '../src/events/event.ts'
import { type DemoRelay, startRelay } from './demo-relay.ts'
import { bounceReasons, type DemoSummary, type KeptCounts, summarise } from './demo-summary.ts'
import { ProgressView, summaryTable } from './demo-view.ts'
import { buildWorld } from './demo-world.ts'
import { MailBook } from './mail-book.ts'
import { providers, SHOP_DOMAIN } from './providers.ts'
import { sendAll } from './shop.ts'
import { type ShopMessage, shopMail } from './shop-mail.ts'
import { SignatureCheck } from './signature-check.ts'

export interface PerformanceOptions {
  /** Empty; removed by the caller. */
  readonly folder: string
  readonly messages: number
  /** After the summary, until `stop`. */
  readonly staysUp: boolean
  readonly terminal: Terminal
  readonly isLive: boolean
  readonly onSummary: (summary: DemoSummary) => void
  readonly clock: Clock
  readonly stop: AbortSignal
}

/** From the start; with what comes after it is to fit into 30 s. */
const LONGEST = seconds(24)
const LOOK_EVERY = ms(200)
/** A second copy may still come, after everything is settled. */
const AFTERMATH = ms(500)
/** For what is in the verifier's hand, or between two places of the relay, when time is up. */
const SECOND_LOOK = seconds(1)

/** `false` where mail was lost or refused, or a signature does not verify. */
export async function perform(options: PerformanceOptions): Promise<boolean> {
  const { clock, folder, messages, onSummary, staysUp, stop, terminal } = options
  const deadline = clock.monotonic() + LONGEST
  const mail = shopMail(messages)
  const book = new MailBook(mail)
  let check: SignatureCheck | null = null
  await using world = await buildWorld(clock, {
    onMessage: (_, { messageId, content, at }) =>
      book.arrived(messageId, at) ? check?.check(messageId ?? '', content) : undefined,
    onReport: () => void book.reports++,
  })
  const setting = { dns: `${world.dns.address}:${world.dns.port}`, domain: SHOP_DOMAIN }
  await using signatures = new SignatureCheck(setting, ({ messageId, verdict }) =>
    book.verified(messageId, verdict),
  )
  check = signatures
  terminal.line(`Starting a relay in ${folder}`)
  const relay = await startRelay(folder, world, clock)
  const over = new AbortController()
  const heard = listen(relay, book, over.signal)
  try {
    terminal.line(`Sending ${messages} messages through 127.0.0.1:${relay.port}`)
    terminal.line('')
    const summary = await watch(options, relay, book, mail, deadline)
    const success = isGood(summary, book)
    report(terminal, summary, book)
    onSummary(summary)
    if (staysUp && !stop.aborted) await stayUp(terminal, relay, book, stop)
    return success
  } finally {
    over.abort()
    await relay.stop()
    await heard
  }
}

/** Sends, until everything is settled, time is up, or somebody says stop. */
async function watch(
  { clock, isLive, stop, terminal }: PerformanceOptions,
  relay: DemoRelay,
  book: MailBook,
  mail: readonly ShopMessage[],
  deadline: number,
): Promise<DemoSummary> {
  const begun = clock.monotonic()
  const planned = providers.map((provider) => book.of(provider).length)
  const view = new ProgressView(terminal, isLive)
  const over = new AbortController()
  let isSent = false
  // `sendAll` takes every refusal for an answer, so that this never rejects.
  void sendAll(mail, relay, book, over.signal).then(() => {
    isSent = true
  })
  const isOver = (): boolean =>
    (isSent && book.isSettled) || clock.monotonic() >= deadline || stop.aborted
  while (!isOver()) {
    await clock.sleep(LOOK_EVERY, stop)
    view.show(summarise(book, null, clock.monotonic() - begun), planned)
  }
  const tookMs = clock.monotonic() - begun
  over.abort()
  await clock.sleep(AFTERMATH, stop)
  return await finalCount(clock, relay, book, tookMs)
}

/** Looks again where something seems to be missing: it may be on its way between two places. */
async function finalCount(
  clock: Clock,
  relay: DemoRelay,
  book: MailBook,
  tookMs: number,
): Promise<DemoSummary> {
  const latest = clock.monotonic() + SECOND_LOOK
  for (;;) {
    const summary = summarise(book, await keptBy(relay), tookMs)
    const isSure = summary.lost === 0 && !book.hasUnverified
    if (isSure || clock.monotonic() >= latest) return summary
    await clock.sleep(LOOK_EVERY)
  }
}

/** What the relay itself says that it has. */
async function keptBy({ control }: DemoRelay): Promise<KeptCounts> {
  const { queues, sites } = await control.get<{
    readonly queues: readonly QueueRow[]
    readonly sites: readonly SiteRow[]
  }>('/v1/queues')
  const domains = new Map<string, number>()
  for (const { domain, ready, waiting } of queues)
    domains.set(domain, (domains.get(domain) ?? 0) + ready + waiting)
  return { domains, sites: new Map(sites.map(({ site, connections }) => [site, connections])) }
}

async function listen({ control }: DemoRelay, book: MailBook, signal: AbortSignal): Promise<void> {
  try {
    // An empty cursor: from the beginning, so that nothing is missed.
    for await (const line of control.lines('/v1/tail?from=oldest', signal))
      book.heard(JSON.parse(line) as Event)
  } catch (thrown) {
    // The end of the demo is no error.
    if (!signal.aborted) throw thrown
  }
}

function report(terminal: Terminal, summary: DemoSummary, book: MailBook): void {
  terminal.line(`\n${summaryTable(terminal, summary)}`)
  const reasons = bounceReasons(book)
  if (reasons.length > 0) terminal.line('\nBounced, in the words of whoever said so:')
  for (const [reason, count] of reasons) terminal.line(`  ${String(count).padStart(4)}  ${reason}`)
  if (book.reports > 0)
    terminal.line(
      `\n${book.reports} reports about failed receipts came back to orders@${SHOP_DOMAIN}.`,
    )
  const wrong = book.entries.filter(({ verdict }) => verdict !== null && verdict !== '')
  if (wrong[0])
    terminal.line(`\n${wrong.length} signatures do not verify, the first: ${wrong[0].verdict}`)
  if (book.refusals[0])
    terminal.line(`\n${book.refusals.length} messages were refused, the first: ${book.refusals[0]}`)
  terminal.line(
    `\n${summary.accepted} accepted, ${summary.delivered} delivered, ${summary.signed} of them signed and verified by mailauth, ${summary.lost} lost, in ${summary.seconds} s.`,
  )
}

async function stayUp(
  terminal: Terminal,
  { configFile, logFile }: DemoRelay,
  book: MailBook,
  stop: AbortSignal,
): Promise<void> {
  const patient = book.entries.toSorted((a, b) => b.deferrals - a.deferrals)[0]
  const posthaste = (command: string): string =>
    `  ${terminal.styled('cyan', `npm run posthaste -- ${command} --config ${configFile}`)}`
  terminal.line(
    [
      '\nThe relay stays up. In another terminal, in this folder:\n',
      `What happened to a message that took ${1 + (patient?.deferrals ?? 0)} attempts:`,
      posthaste(`trace ${patient?.relayId ?? ''}`),
      'How mail to a provider that throttles would go now:',
      posthaste('explain somebody@ibis.example'),
      'A message of your own, to a mailbox that is full:',
      posthaste(
        `send --tenant shop --from you@${SHOP_DOMAIN} --to full@heron.example --subject Hello --text "It works."`,
      ),
      `\nIts log: ${logFile}`,
      'Ctrl-C ends it and removes everything.',
    ].join('\n'),
  )
  // Timers do not keep the program alive; the sockets do.
  await new Promise<void>((resolve) =>
    stop.addEventListener('abort', () => resolve(), { once: true }),
  )
}

function isGood({ delivered, lost, signed }: DemoSummary, book: MailBook): boolean {
  return lost === 0 && signed === delivered && delivered > 0 && book.refusals.length === 0
}
