// Fastify + pg with the features of the service: JSON access log, request id, metrics, JWT whose session must be
// alive, rate limit by account, security headers, CORS, body limit, problem details, entity tags, signed cursors,
// and an audit event in the transaction of what it tells about.
import { createHmac, timingSafeEqual } from 'node:crypto'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import pg from 'pg'
import client from 'prom-client'
import { v7 as uuid7 } from 'uuid'
import { itemBody, itemSchema, pageQuery, pageSchema, userSchema } from './schemas.js'

const SECRET = process.env.APP_SECRET_KEY
const ITEM = `id, owner_id, title, description, status, tags, price_minor, currency, version, created_at, updated_at`
const USER = `u.id, email, name, age, role, is_active, email_verified, two_factor, u.created_at, u.updated_at`
const caller = {
  name: 'caller',
  text: `SELECT ${USER} FROM users AS u JOIN login_sessions AS s ON s.user_id = u.id
         WHERE u.id = $1 AND is_active AND s.id = $2 AND s.ended_at IS NULL AND s.expires_at > now()`
}
const one = { name: 'one', text: `SELECT ${ITEM} FROM items WHERE id = $1 AND owner_id = $2` }
const page = {
  name: 'page',
  text: `SELECT ${ITEM} FROM items WHERE owner_id = $1 AND (created_at, id) < ($2, $3)
         ORDER BY created_at DESC, id DESC LIMIT $4`
}
const insert = {
  name: 'insert',
  text: `INSERT INTO items (id, owner_id, title, description, status, tags, price_minor, currency)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${ITEM}`
}
const audit = {
  name: 'audit',
  text: `INSERT INTO audit_events (id, action, actor_id, target_id, address, request_id)
         VALUES ($1, 'item.created', $2, $3, $4, $5)`
}

// JavaScript's dates end at milliseconds, its safe integers at 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => {
  const [at, fraction = ''] = text.slice(0, -3).split('.')
  return `${at.replace(' ', 'T')}.${fraction.padEnd(6, '0')}Z`
})
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, options: '-c timezone=UTC' })

const requests = new client.Counter({ name: 'http_requests_total', help: 'Requests', labelNames: ['method', 'route', 'status'] })
const duration = new client.Histogram({ name: 'http_request_duration_seconds', help: 'Time', labelNames: ['method', 'route'] })

class Problem extends Error {
  constructor (status, kind, detail) {
    super(detail)
    Object.assign(this, { statusCode: status, kind })
  }
}

const app = Fastify({
  logger: { level: 'info' },
  disableRequestLogging: true, // one line of our own, when the answer is sent
  requestIdHeader: 'x-request-id',
  genReqId: () => uuid7(),
  bodyLimit: 1048576,
  requestTimeout: 30000,
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }
})
await app.register(helmet)
await app.register(cors, { origin: [] })
await app.register(jwt, {
  secret: SECRET,
  verify: { algorithms: ['HS256'], allowedAud: 'shipworthy', allowedIss: 'shipworthy', requiredClaims: ['exp', 'sub', 'sid'] }
})
await app.register(rateLimit, {
  max: 1000000,
  timeWindow: '1 minute',
  hook: 'preHandler',
  enableDraftSpec: true,
  keyGenerator: (request) => request.account?.id ?? request.ip
})

app.decorateRequest('account', null)
app.addHook('onSend', async (request, reply) => { reply.header('x-request-id', request.id) })
app.addHook('onResponse', async (request, reply) => {
  const route = request.routeOptions.url ?? '(unmatched)'
  requests.labels(request.method, route, reply.statusCode).inc()
  duration.labels(request.method, route).observe(reply.elapsedTime / 1000)
  request.log.info({ method: request.method, route, status: reply.statusCode, duration_ms: reply.elapsedTime, user_id: request.account?.id }, 'request')
})
app.setErrorHandler((error, request, reply) => {
  const status = error.validation ? 422 : error.statusCode ?? 500
  if (status >= 500) request.log.error(error)
  const kind = error.kind ?? (error.validation ? 'validation-failed' : 'error')
  reply.code(status).type('application/problem+json').send(JSON.stringify({
    type: `urn:problem:${kind}`, status, detail: status < 500 ? error.message : 'The server failed.', request_id: request.id
  }))
})

async function forUsers (request) {
  let claims
  try {
    claims = await request.jwtVerify()
  } catch {
    throw new Problem(401, 'invalid-token', 'The access token is not valid.')
  }
  const { rows } = await pool.query({ ...caller, values: [claims.sub, claims.sid] })
  if (rows.length === 0) throw new Problem(401, 'invalid-token', 'The access token is not valid, or no longer.')
  request.account = rows[0]
}

function sign (text) {
  return createHmac('sha256', SECRET).update(text).digest()
}

function cursorOf (row) {
  const text = `${row.created_at},${row.id}`
  return `${Buffer.from(text).toString('base64url')}.${sign(text).toString('base64url')}`
}

function positionOf (cursor) {
  if (cursor === undefined) return ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
  const [position, signature = ''] = cursor.split('.')
  const text = Buffer.from(position, 'base64url').toString()
  const given = Buffer.from(signature, 'base64url')
  const expected = sign(text)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Problem(422, 'invalid-cursor', 'The cursor is not one of this list.')
  }
  return text.split(',')
}

app.get('/health', async () => ({ status: 'ok' }))

app.get('/metrics', async (request, reply) => reply.type(client.register.contentType).send(await client.register.metrics()))

app.get('/api/v1/users/me', { onRequest: forUsers, schema: { response: { 200: userSchema } } }, async (request) => request.account)

app.get('/api/v1/items/:id', { onRequest: forUsers, schema: { response: { 200: itemSchema } } }, async (request, reply) => {
  const { rows: [item] } = await pool.query({ ...one, values: [request.params.id, request.account.id] })
  if (item === undefined) throw new Problem(404, 'item-not-found', 'You have no such item.')
  const tag = `"${item.version}"`
  reply.header('etag', tag)
  return request.headers['if-none-match'] === tag ? reply.code(304).send() : item
})

app.get('/api/v1/items', { onRequest: forUsers, schema: { querystring: pageQuery, response: { 200: pageSchema } } }, async (request, reply) => {
  const limit = Number(request.query.limit ?? 20)
  const { rows } = await pool.query({ ...page, values: [request.account.id, ...positionOf(request.query.cursor), limit + 1] })
  if (rows.length <= limit) return { items: rows, next_cursor: null }
  const items = rows.slice(0, limit)
  const cursor = cursorOf(items[limit - 1])
  reply.header('link', `</api/v1/items?limit=${limit}&cursor=${cursor}>; rel="next"`)
  return { items, next_cursor: cursor }
})

app.post('/api/v1/items', { onRequest: forUsers, schema: { body: itemBody, response: { 201: itemSchema } } }, async (request, reply) => {
  const item = await create(request, request.body)
  return reply.code(201).header('location', `/api/v1/items/${item.id}`).header('etag', `"${item.version}"`).send(item)
})

async function create (request, data) {
  const owner = request.account.id
  const values = [uuid7(), owner, data.title.trim(), data.description?.trim() ?? null, data.status, data.tags, data.price_minor ?? null, data.currency ?? null]
  const connection = await pool.connect()
  try {
    await connection.query('BEGIN')
    const { rows: [item] } = await connection.query({ ...insert, values })
    await connection.query({ ...audit, values: [uuid7(), owner, item.id, request.ip, request.id] })
    await connection.query('COMMIT')
    return item
  } catch (error) {
    await connection.query('ROLLBACK')
    throw error
  } finally {
    connection.release()
  }
}

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.on('SIGTERM', () => app.close().then(() => pool.end()).then(() => process.exit(0)))
