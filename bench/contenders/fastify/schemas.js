// What goes over the wire, as JSON Schema: bodies are validated and answers serialised by compiled code.
const text = { type: 'string' }
const maybe = (schema) => ({ ...schema, nullable: true })
const object = (properties, rest = {}) => ({ type: 'object', properties, ...rest })

export const itemSchema = object({
  id: text,
  owner_id: text,
  title: text,
  description: maybe(text),
  status: text,
  tags: { type: 'array', items: text },
  price_minor: maybe({ type: 'integer' }),
  currency: maybe(text),
  version: { type: 'integer' },
  created_at: text,
  updated_at: text
})

export const userSchema = object({
  id: text,
  email: text,
  name: text,
  age: maybe({ type: 'integer' }),
  role: text,
  is_active: { type: 'boolean' },
  email_verified: { type: 'boolean' },
  two_factor: { type: 'boolean' },
  created_at: text,
  updated_at: text
})

export const pageSchema = object({ items: { type: 'array', items: itemSchema }, next_cursor: maybe(text) })

export const pageQuery = object({ limit: { type: 'string', pattern: '^([1-9]|[1-9][0-9]|100)$' }, cursor: text }, { additionalProperties: false })

export const itemBody = object(
  {
    title: { type: 'string', pattern: '\\S', maxLength: 200 },
    description: maybe({ type: 'string', maxLength: 5000 }),
    status: { enum: ['draft', 'active', 'archived'], default: 'draft' },
    tags: { type: 'array', maxItems: 20, items: { type: 'string', pattern: '\\S', maxLength: 50 }, default: [] },
    price_minor: maybe({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    currency: maybe({ type: 'string', pattern: '^[A-Z]{3}$' })
  },
  { required: ['title'], additionalProperties: false, dependencies: { price_minor: ['currency'], currency: ['price_minor'] } }
)
