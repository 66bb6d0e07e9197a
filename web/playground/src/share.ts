// Links that share an operation. The operation is in the fragment of the URL, which browsers do not send. A link carries the
// document, the name of the operation, and the variables whose type can hold no secret: ids, names, numbers, dates and
// enumerations. Variables of other types and headers are left out.
import { isEnumType, parse, type DocumentNode, type GraphQLSchema, type TypeNode } from 'graphql';

export interface Operation {
  query: string;
  operationName?: string | null;
  /** A JSON object, as text; variables that are not JSON are not shared. */
  variables?: string | null;
}

export interface Link {
  url: string;
  /** The variables that the link carries, and those that it does not. */
  carried: string[];
  leftOut: string[];
}

type Check = (value: unknown) => boolean;

const matches = (pattern: RegExp): Check => value => typeof value === 'string' && pattern.test(value);

const scalars: Record<string, Check> = {
  ObjectID: matches(/^[a-f0-9]{24}$/),
  ClusterName: matches(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,63}$/),
  DateTime: matches(/^\d{4}-\d\d-\d\d[Tt][\d:.]+([Zz]|[+-]\d\d:\d\d)$/),
  Boolean: value => typeof value === 'boolean',
  Int: Number.isInteger,
  Float: value => typeof value === 'number',
};

export function linkTo(operation: Operation, schema: GraphQLSchema | null | undefined, page: string): Link {
  const variables = parseObject(operation.variables);
  const types = variableTypes(operation);
  const carried: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(variables)) {
    const type = types.get(name);
    if (type && isPlain(value, type, schema)) {
      carried[name] = value;
    }
  }
  const fragment = new URLSearchParams({ query: operation.query });
  if (operation.operationName) {
    fragment.set('operationName', operation.operationName);
  }
  if (Object.keys(carried).length > 0) {
    fragment.set('variables', JSON.stringify(carried));
  }
  const url = new URL(page);
  url.hash = fragment.toString();
  return {
    url: url.href,
    carried: Object.keys(carried),
    leftOut: Object.keys(variables).filter(name => !(name in carried)),
  };
}

/** Returns the operation that a fragment shares, if any. */
export function sharedBy(fragment: string): Operation | null {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const query = parameters.get('query');
  if (!query) {
    return null;
  }
  const variables = parseObject(parameters.get('variables'));
  return {
    query,
    operationName: parameters.get('operationName'),
    variables: Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : '',
  };
}

export function parseObject(text: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return value && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Returns the declared types of an operation's variables; none if the document does not parse. */
function variableTypes({ query, operationName }: Operation): Map<string, TypeNode> {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return new Map();
  }
  const operations = document.definitions.filter(d => d.kind === 'OperationDefinition');
  const operation = operations.find(o => o.name?.value === operationName) ?? operations[0];
  return new Map(operation?.variableDefinitions?.map(v => [v.variable.name.value, v.type]));
}

function isPlain(value: unknown, type: TypeNode, schema: GraphQLSchema | null | undefined): boolean {
  switch (type.kind) {
    case 'NonNullType':
      return isPlain(value, type.type, schema);
    case 'ListType':
      return value === null || (Array.isArray(value) ? value.every(v => isPlain(v, type.type, schema)) : isPlain(value, type.type, schema));
    default: {
      if (value === null) {
        return true;
      }
      const named = schema?.getType(type.name.value);
      if (named && isEnumType(named)) {
        return typeof value === 'string' && named.getValue(value) !== undefined;
      }
      return scalars[type.name.value]?.(value) ?? false;
    }
  }
}
