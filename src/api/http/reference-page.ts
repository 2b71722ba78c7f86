// SPDX-License-Identifier: Apache-2.0
/** The OpenAPI document as one page for people: no script, nothing from elsewhere. */
import { schemaRows } from './schema-rows.ts'

/** As `openApiDocument` writes them. */
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: object
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: object }>>

interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Listed {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** What the page may load: only the style that is in it. */
export const REFERENCE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

export function referencePage(document: object): string {
  const { info, paths } = document as Document
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ method, path, operation })),
  )
  const groups = [...Map.groupBy(all, ({ operation }) => operation.tags[0] ?? '')]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API ${text(info.version)}</title>
<style>${STYLE}</style>
<nav><h1>${text(info.title)} API</h1>${groups.map(([tag, listed]) => menu(tag, listed)).join('')}</nav>
<main>
<p>${text(info.description)} Version ${text(info.version)}; for programs: <a href="openapi.json">openapi.json</a>.</p>
<p>Each request has a key: <code>Authorization: Bearer ph_…</code> (<code>posthaste key add</code>). What is wrong is said as a problem document (RFC 9457) with a stable <code>code</code>. Lists come in pages: <code>limit</code>, and <code>cursor</code> from the last answer.</p>
${groups.map(([tag, listed]) => `<h2>${text(tag)}</h2>${listed.map(section).join('')}`).join('\n')}
</main>
</html>
`
}

function menu(tag: string, listed: readonly Listed[]): string {
  const items = listed.map(
    ({ operation }) =>
      `<li><a href="#${text(operation.operationId)}">${text(operation.operationId)}</a></li>`,
  )
  return `<h3>${text(tag)}</h3><ul>${items.join('')}</ul>`
}

function section({ method, path, operation }: Listed): string {
  const [status = '', answer] = Object.entries(operation.responses)[0] ?? []
  return `<section id="${text(operation.operationId)}">
<h3><b class="${text(method)}">${text(method.toUpperCase())}</b> <code>${text(path)}</code></h3>
<p>${text(operation.summary)} ${inline(operation.description)}</p>
${parametersOf(operation)}${bodyOf('Request', operation.requestBody?.content)}${bodyOf(`Answer ${status}`, answer?.content)}
</section>`
}

function parametersOf({ parameters }: Operation): string {
  const rows = parameters.map(({ name, in: place, required, description, schema }) => ({
    name: `${name} (${place})`,
    type: schemaRows({ properties: { it: schema } })[0]?.type ?? '',
    isRequired: required,
    says: description ?? '',
  }))
  return table('Parameters', rows)
}

function bodyOf(title: string, content: Content | undefined): string {
  const [type, media] = Object.entries(content ?? {})[0] ?? []
  if (type === undefined || media === undefined) return ''
  return table(`${title} <small>${text(type)}</small>`, schemaRows(media.schema))
}

function table(title: string, rows: ReturnType<typeof schemaRows>): string {
  if (rows.length === 0) return ''
  const lines = rows.map(
    ({ name, type, isRequired, says }) =>
      `<tr><td><code>${text(name)}</code>${isRequired ? '' : ' <small>may be left out</small>'}</td><td>${text(type)}</td><td>${inline(says)}</td></tr>`,
  )
  return `<h4>${title}</h4><table>${lines.join('')}</table>`
}

function text(raw: string): string {
  return raw.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** What stands between backquotes is code. */
function inline(raw: string): string {
  return text(raw).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --dim: light-dark(#666, #aaa); --accent: light-dark(#0a58ca, #7db4ff) }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 15rem minmax(0, 1fr) }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); box-sizing: border-box }
nav h1 { font-size: 1.1rem } nav h3 { margin: .8rem 0 .2rem; font-size: .8rem; color: var(--dim); text-transform: uppercase }
nav ul { margin: 0; padding: 0; list-style: none } a { color: var(--accent); text-decoration: none }
main { padding: 1rem 2rem 4rem; max-width: 60rem } h2 { margin-top: 3rem; border-bottom: 2px solid var(--line) }
section { margin: 2rem 0; scroll-margin-top: 1rem } h4 { margin: 1rem 0 .3rem } small { color: var(--dim); font-weight: normal }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .25rem .8rem .25rem 0; vertical-align: top }
td:first-child { width: 34% } td:nth-child(2) { width: 24%; color: var(--dim) }
b { font: bold .8em ui-monospace, monospace; padding: .1em .5em; border-radius: .3em; color: #fff; background: #555 }
.get { background: #0b6e4f } .post { background: #0a58ca } .patch, .put { background: #8a5a00 } .delete { background: #a4262c }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border: 0 } main { padding: 1rem } }
`
