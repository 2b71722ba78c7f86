// SPDX-License-Identifier: Apache-2.0
/**
 * All commands. One line here and one file in `commands/` make a command; its file is loaded only when it is
 * called, so that every start is quick.
 */
import type { Command } from 'commander'
import type { Shell } from './shell.ts'

/** What a file in `commands/` exports. */
export interface CommandModule {
  /** Adds arguments, options, subcommands and the action to the command of that name. */
  define(command: Command, shell: Shell): void
}

export interface CommandEntry {
  readonly name: string
  readonly group: 'Run' | 'Look' | 'Set up'
  /** One line in the list of commands. */
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

// biome-ignore format: one line a command.
export const commandTable: readonly CommandEntry[] = [
  { name: 'init', group: 'Set up', summary: 'make configuration, keys, certificate and data directory', load: () => import('./commands/init.ts') },
  { name: 'config', group: 'Set up', summary: 'check the configuration', load: () => import('./commands/config.ts') },
  { name: 'tenant', group: 'Set up', summary: 'whose mail it is', load: () => import('./commands/tenant.ts') },
  { name: 'domain', group: 'Set up', summary: 'domains to send from, their keys and DNS records', load: () => import('./commands/domain.ts') },
  { name: 'credential', group: 'Set up', summary: 'what applications authenticate with', load: () => import('./commands/credential.ts') },
  { name: 'key', group: 'Set up', summary: 'keys of the HTTP API', load: () => import('./commands/key.ts') },
  { name: 'person', group: 'Set up', summary: 'who logs in, and what they may do', load: () => import('./commands/person.ts') },
  { name: 'stream', group: 'Set up', summary: 'kinds of mail, with their own priority and retries', load: () => import('./commands/stream.ts') },
  { name: 'quota', group: 'Set up', summary: 'how much may be handed in in a time, and how much was', load: () => import('./commands/quota.ts') },
  { name: 'suppression', group: 'Set up', summary: 'whom not to send to, and why', load: () => import('./commands/suppression.ts') },
  { name: 'webhook', group: 'Set up', summary: 'where to tell what happens, as it happens', load: () => import('./commands/webhook.ts') },
  { name: 'warmup', group: 'Set up', summary: 'how far new sources have come at each provider', load: () => import('./commands/warmup.ts') },
  { name: 'source', group: 'Look', summary: 'where mail goes out; drain, rest, resume', load: () => import('./commands/source.ts') },
  { name: 'store', group: 'Set up', summary: 'move the records into PostgreSQL', load: () => import('./commands/store.ts') },
  { name: 'serve', group: 'Run', summary: 'run the relay', load: () => import('./commands/serve.ts') },
  { name: 'restart', group: 'Run', summary: 'replace the workers of a running relay one by one', load: () => import('./commands/restart.ts') },
  { name: 'send', group: 'Run', summary: 'send a message from the shell', load: () => import('./commands/send.ts') },
  { name: 'sendmail', group: 'Run', summary: 'hand in a message as sendmail does, for PHP and cron', load: () => import('./commands/sendmail.ts') },
  { name: 'queue', group: 'Look', summary: 'what waits, where and why; suspend, resume, retry, bounce', load: () => import('./commands/queue.ts') },
  { name: 'campaign', group: 'Look', summary: 'mail of one label: its numbers; pause, resume, cancel, change', load: () => import('./commands/campaign.ts') },
  { name: 'brake', group: 'Look', summary: 'what is held since too much ends alike; release it, or confirm', load: () => import('./commands/brake.ts') },
  { name: 'held', group: 'Look', summary: 'mail that waits for a decision; release or cancel it', load: () => import('./commands/held.ts') },
  { name: 'rates', group: 'Look', summary: 'how much of delivered mail bounces and is complained about', load: () => import('./commands/rates.ts') },
  { name: 'recover', group: 'Look', summary: 'mail that failed, by cause: what has changed since, and sending it again', load: () => import('./commands/recover.ts') },
  { name: 'trace', group: 'Look', summary: 'everything that happened to one message', load: () => import('./commands/trace.ts') },
  { name: 'tail', group: 'Look', summary: 'events as they happen', load: () => import('./commands/tail.ts') },
  { name: 'events', group: 'Look', summary: 'what happened, by message, recipient, stream, type, time', load: () => import('./commands/events.ts') },
  { name: 'search', group: 'Look', summary: 'messages to a recipient, or with a Message-ID', load: () => import('./commands/search.ts') },
  { name: 'audit', group: 'Look', summary: 'who changed what', load: () => import('./commands/audit.ts') },
  { name: 'explain', group: 'Look', summary: 'how mail to an address would go', load: () => import('./commands/explain.ts') },
  { name: 'inspect', group: 'Look', summary: 'what a mail that came back says: a bounce, a complaint, or none', load: () => import('./commands/inspect.ts') },
  { name: 'classify', group: 'Look', summary: 'what replies of receivers mean, one a line', load: () => import('./commands/classify.ts') },
  { name: 'verify', group: 'Look', summary: 'check the data directory of a stopped relay; repair what can be', load: () => import('./commands/verify.ts') },
  { name: 'sink', group: 'Run', summary: 'receive test mail, politely or not', load: () => import('./commands/sink.ts') },
]
