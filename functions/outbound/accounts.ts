/** Sign-ins of patients; the name of one is the id of the record. */
export interface Accounts {
  exists(patient: string): Promise<boolean>;
  /** What is not there is no error. */
  remove(patient: string): Promise<void>;
}

/** Of a pool of Cognito; its client is loaded with the first question. */
export const lateAccounts = (pool: string): Accounts => {
  let loading: Promise<Accounts> | undefined;
  const load = (): Promise<Accounts> =>
    (loading ??= import("./cognito-accounts.ts").then(({ cognitoAccounts }) =>
      cognitoAccounts(pool),
    ));
  return {
    exists: async (patient) => (await load()).exists(patient),
    remove: async (patient) => (await load()).remove(patient),
  };
};
