// The caller's token. It is held in the memory of the page alone: it ends when the page is loaded again, when its user
// forgets it, and when it expires.
import { Store, useStore } from '../store';

/** As whom the gateway has authenticated a token, see GET /caller. */
export interface Caller {
  name: string;
  method: string;
  /** When the token ends; null where that is not known. */
  expires: string | null;
}

export interface Session {
  token: string | null;
  caller: Caller | null;
  /** Why there is no token, in words; null where there is nothing to say. */
  problem: string | null;
}

const none: Session = { token: null, caller: null, problem: null };
const current = new Store<Session>(none);
let expiry: ReturnType<typeof setTimeout> | undefined;

export const session = {
  read: current.read,
  subscribe: current.subscribe,

  /** The header of requests; empty without a token. */
  headers: (): Record<string, string> => {
    const { token } = current.read();
    return token ? { Authorization: `Bearer ${token}` } : {};
  },

  /** Asks the gateway whose token it is, and holds it if the gateway takes it. */
  async begin(token: string): Promise<void> {
    current.set(none);
    let caller: Caller;
    try {
      caller = await callerOf(token);
    } catch (error) {
      current.set({ ...none, problem: (error as Error).message });
      return;
    }
    current.set({ token, caller, problem: null });
    if (caller.expires) {
      // A longer time than a timer can have is not waited for.
      const left = Date.parse(caller.expires) - Date.now();
      expiry = left < 2 ** 31 ? setTimeout(() => session.end('Your token has expired.'), Math.max(0, left)) : undefined;
    }
  },

  /** Forgets the token. */
  end(problem: string | null = null) {
    clearTimeout(expiry);
    const { token, problem: before } = current.read();
    if (token !== null || before !== problem) {
      current.set({ ...none, problem });
    }
  },
};

async function callerOf(token: string): Promise<Caller> {
  // A token is part of a header, which can hold no other characters (RFC 6750, section 2.1).
  if (!/^[\w.~+/=-]+$/.test(token)) {
    throw new Error('This is no bearer token: a token has letters, digits and - . _ ~ + / = alone.');
  }
  let response: Response;
  try {
    response = await fetch(new URL('caller', document.baseURI), {
      headers: { Authorization: `Bearer ${token}`, 'Apollo-Require-Preflight': '1' },
    });
  } catch {
    throw new Error('The gateway cannot be reached.');
  }
  const answer = (await response.json().catch(() => ({}))) as Caller & { errors?: { message: string }[] };
  if (!response.ok) {
    throw new Error(`The gateway did not take the token: ${answer.errors?.[0]?.message ?? `status ${response.status}`}.`);
  }
  return answer;
}

export const useSession = () => useStore(current);
