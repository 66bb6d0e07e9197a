// How the user of the page can authenticate, as the gateway says in the data of the page.
import { returned, type Provider } from './provider';
import { session } from './session';

export interface Methods {
  /** The gateway takes bearer tokens. */
  bearer: boolean;
  /** It answers no caller that has none. */
  required: boolean;
  /** Where the user can sign in. */
  provider?: Provider;
  /** Why there is no provider though the operator has set up one. */
  problem?: string;
}

/** Takes the token of a user whom the provider sends back. To be called once, before the page is shown. */
export async function beginSession(methods: Methods): Promise<void> {
  try {
    const token = await returned(methods.provider);
    if (token !== null) {
      await session.begin(token);
    }
  } catch (error) {
    session.end((error as Error).message);
  }
}
