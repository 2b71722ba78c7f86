// SPDX-License-Identifier: Apache-2.0
/** The command line as a whole: options for every command, help, and which file has which command. */
import { Command } from 'commander'
import { productVersion } from '../version.ts'
import { type CommandEntry, commandTable } from './command-table.ts'
import { reportFailure } from './failure.ts'
import { Shell } from './shell.ts'
import { type Output, Terminal } from './terminal.ts'

/** The process around the program; a test makes its own. */
export interface Surroundings {
  readonly output: Output
  readonly errors: Output
  readonly environment: NodeJS.ProcessEnv
}

const EXAMPLES = `
Examples:
  posthaste init --hostname relay.example.com
  posthaste domain add example.com
  posthaste credential add --label shop
  posthaste config check --config /etc/posthaste/posthaste.toml

"posthaste COMMAND --help" says more.`

/** Runs one command line (without program and file) and gives the exit code. */
export async function run(
  args: readonly string[],
  surroundings: Surroundings,
  entries: readonly CommandEntry[] = commandTable,
): Promise<number> {
  const { output, errors, environment } = surroundings
  const terminal = new Terminal(output, errors, args.includes('--json'))
  const program = new Command('posthaste')
  const shell = new Shell(terminal, environment, () => program.opts())
  describeProgram(program, terminal)
  for (const entry of entries) addStub(program, entry)
  program.hook('preSubcommand', async (_, command) => {
    const entry = entries.find(({ name }) => name === command.name())
    const module = await entry?.load()
    module?.define(command, shell)
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    // Wrong usage, a RelayError of the command, or a bug.
    return reportFailure(terminal, thrown)
  }
}

function describeProgram(program: Command, terminal: Terminal): void {
  program
    .description('A self-hosted SMTP relay.')
    .option(
      '--config <file>',
      'configuration (default: $POSTHASTE_CONFIG, ./posthaste.toml, /etc/posthaste/posthaste.toml)',
    )
    .option(
      '--url <url>',
      'a remote relay (default: $POSTHASTE_URL), with the key in $POSTHASTE_KEY',
    )
    .option('--json', 'results and errors as JSON')
    .version(productVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'say more')
    .helpCommand(false)
    .usage('COMMAND [options]')
    .addHelpText('after', EXAMPLES)
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => `${command.name()} ${argumentsOf(command)}`.trim(),
    })
    .configureOutput({
      writeOut: (text) => terminal.line(text),
      writeErr: (text) => terminal.note(text),
      // Said once, by `reportFailure`.
      outputError: () => {},
    })
    .exitOverride()
}

/** The command as the list of commands shows it. */
function addStub(program: Command, { name, group, summary }: CommandEntry): void {
  program
    .command(name)
    .summary(summary)
    .description(sentence(summary))
    .helpGroup(`${group}:`)
    .helpCommand(false)
}

function argumentsOf(command: Command): string {
  return command.registeredArguments.map((argument) => argument.name().toUpperCase()).join(' ')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
