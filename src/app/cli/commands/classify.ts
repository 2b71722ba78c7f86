// SPDX-License-Identifier: Apache-2.0
/** `posthaste classify`: what replies of receivers mean, one a line. */
import { type Command, Option } from 'commander'
import type { Classification, Refusal } from '../../../protocol/classify/classifier.ts'
import { classify } from '../../../protocol/classify/classify.ts'
import { READ_CHARACTERS } from '../../../protocol/classify/folded-text.ts'
import { replyInText } from '../../../protocol/classify/reply-in-text.ts'
import { type Stage, stages } from '../../../protocol/classify/rule.ts'
import { inputLines } from '../input-lines.ts'
import { printable } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Style, Terminal } from '../terminal.ts'

const HELP = `
Reads standard input. A line is a reply as a log or a bounce has it, with or without the words around it.

Examples:
  echo '550 5.1.1 No such user' | posthaste classify
  posthaste tail --json | jq -r .reply.text | posthaste classify --json`

/** Lines whose answers are written at once. */
const LINES_AT_ONCE = 500

export function define(command: Command, shell: Shell): void {
  command
    .option('--provider <name>', 'whose replies these are, where the lines do not say')
    .addOption(new Option('--stage <stage>', 'what they answered, likewise').choices(stages))
    .addHelpText('after', HELP)
    .action(async ({ provider, stage }: { provider?: string; stage?: Stage }) => {
      if (process.stdin.isTTY)
        shell.terminal.note('Type or paste replies, one a line; Ctrl-D ends.')
      await answer(shell.terminal, provider ?? null, stage ?? null)
    })
}

async function answer(
  terminal: Terminal,
  provider: string | null,
  stage: Stage | null,
): Promise<void> {
  const many = process.stdin.isTTY ? 1 : LINES_AT_ONCE
  let said: string[] = []
  for await (const line of inputLines(process.stdin, READ_CHARACTERS)) {
    const read = replyInText(line)
    const refusal = { ...read, provider: read.provider ?? provider, stage: read.stage ?? stage }
    const meant = classify(refusal)
    said.push(terminal.isJson ? JSON.stringify(jsonOf(meant)) : textOf(terminal, refusal, meant))
    if (said.length < many) continue
    await terminal.written(said.join('\n'))
    said = []
  }
  if (said.length > 0) await terminal.written(said.join('\n'))
}

function jsonOf(meant: Classification) {
  const { class: name, coarse, isPermanent, fault, action, rule } = meant
  return { class: name, coarse, permanent: isPermanent, fault, action, rule }
}

const CLASS_COLUMNS = 20
const ACTION_COLUMNS = 15
const FAULT_COLUMNS = 9

function textOf(terminal: Terminal, { text }: Refusal, meant: Classification): string {
  const { class: name, action, fault, rule } = meant
  const cells = [
    terminal.styled(styleOf(meant), name.padEnd(CLASS_COLUMNS)),
    action.padEnd(ACTION_COLUMNS),
    fault.padEnd(FAULT_COLUMNS),
    printable(text),
    terminal.styled('dim', `(${rule})`),
  ]
  return cells.join('  ')
}

function styleOf({ action, isPermanent }: Classification): Style {
  if (action === 'suppress') return 'red'
  return isPermanent ? 'yellow' : 'green'
}
