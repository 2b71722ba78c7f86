// SPDX-License-Identifier: Apache-2.0
/** The OpenAPI 3.1 document, made from the routes. */
import { z } from 'zod'
import { idempotencyLimits } from '../../base/limits/http-limits.ts'
import { type Role, scopesOfRole } from '../../records/people/role.ts'
import { SESSION_COOKIE } from './browser.ts'
import { problem } from './problem.ts'
import { type AnyRoute, API_PREFIX } from './route.ts'

type Json = Readonly<Record<string, unknown>>

export function openApiDocument(routes: readonly AnyRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = API_PREFIX + route.path
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posthaste',
      version,
      description:
        'Everything that is set up, sent and asked, with the same words as the command line.',
    },
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of the API: ph_…' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description:
            'Of a person who is logged in. Requests that change something also bring the field `X-Posthaste-Login: 1`, and come from a page of this origin.',
        },
      },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  }
}

function operationOf(route: AnyRoute): Json {
  const isOfLogin = route.needs === 'login' || route.needs === 'nothing'
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
  return {
    operationId: route.id,
    summary: route.summary,
    description: needText(route),
    ...(route.needs === 'nothing' ? { security: [] } : {}),
    ...(route.needs === 'login' ? { security: [{ session: [] }] } : {}),
    tags: [route.id.split('.', 1)[0]],
    parameters: [
      ...parametersIn('path', route.params),
      ...parametersIn('query', route.query),
      ...(route.isForInstallation || isOfLogin ? [] : [tenantParameter]),
      ...(route.content === 'event-stream' ? [lastEventIdParameter] : []),
      ...(route.method === 'POST' && !isOfLogin ? [idempotencyKey] : []),
    ],
    ...(hasBody
      ? { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } }
      : {}),
    responses: {
      [route.status]: answerOf(route),
      default: {
        description: 'What was wrong (RFC 9457).',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  }
}

function answerOf({ answer, content }: AnyRoute): Json {
  const schema = schemaOf(answer, 'output')
  switch (content) {
    case 'json':
      return { description: 'As asked.', content: json(schema) }
    case 'event-stream':
      return { description: 'As asked.', content: { 'text/event-stream': { schema } } }
    case 'redirect':
      return { description: 'On to the next page, in `Location`.' }
  }
}

function needText({ isForInstallation, needs }: AnyRoute): string {
  if (needs === 'nothing') return 'Needs neither key nor login.'
  if (needs === 'login') return 'For people who are logged in, whatever their role.'
  const roles = (Object.keys(scopesOfRole) as Role[]).filter((role) =>
    scopesOfRole[role].some((scope) => scope === needs || scope === 'admin'),
  )
  const whose = isForInstallation ? ' of the installation' : ''
  return `Needs a key${whose} with the scope \`${needs}\`, or a person${whose} with the role ${roles.join(', ')}.`
}

const tenantParameter: Json = {
  name: 'tenant',
  in: 'query',
  required: false,
  description: 'Only of this tenant; for keys and people of the installation, who reach all.',
  schema: { type: 'string' },
}

const lastEventIdParameter: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'What a browser sends by itself when it connects again.',
  schema: { type: 'string' },
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Of your choice, such as a UUID: for 24 hours the same request gets the first answer again, and is done once. 409: it was another request, or one that has not ended.',
  schema: { type: 'string', maxLength: idempotencyLimits.keyCharacters },
}

function parametersIn(place: 'path' | 'query', schema: z.ZodType): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

function json(schema: Json): Json {
  return { 'application/json': { schema } }
}
