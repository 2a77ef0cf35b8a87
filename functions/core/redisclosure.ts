/** Goes along with what is disclosed of a Part 2 program's records; in our words, after 42 CFR 2.32(a) (HHS, 2024). */
export const redisclosureNotice =
  "42 CFR Part 2 protects these records. Do not use or disclose them in a civil, criminal, administrative or legislative proceeding against the patient without the patient's written consent or a court order under subpart E; disclose them further only as 42 CFR 2.32 and 2.33, or HIPAA where it applies to you, permit.";

/** Whether JSON of resources holds a label of substance use disorder treatment, as policies/us-part2.cedar lists them. */
export const isPart2 = (json: string): boolean => labels.test(json);

const labels = /"code":"(?:42CFRPart2|ETH|ETHUD|OPIOIDUD|SUD)"/;
