import { quoted } from '../../../examples/dashboard/src/shell';
import { parseObject, type Operation } from './share';

/**
 * Returns a line for a shell that sends the operation. Headers can hold secrets, and a line is stored in the history of a
 * shell: of them it has the name Authorization alone, whose token it takes from the variable TOKEN.
 */
export function curlOf(url: string, { query, operationName, variables }: Operation, headers: string | undefined, hasToken: boolean) {
  const leftOut = hasToken || Object.keys(parseObject(headers)).some(name => name.toLowerCase() === 'authorization');
  const body = JSON.stringify({ query, ...(operationName ? { operationName } : {}), variables: parseObject(variables) });
  const parts = [`curl ${quoted(url)}`, "-H 'Content-Type: application/json'", ...(leftOut ? ['-H "Authorization: Bearer $TOKEN"'] : []), `-d ${quoted(body)}`];
  return { line: parts.join(' '), leftOut };
}
