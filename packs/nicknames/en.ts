/** Given names that the same person goes by. */
export interface Nicknames {
  readonly publisher: string;
  readonly version: string;
  readonly effective: { readonly from: string; readonly until?: string };
  readonly source: string;
  /** Folded names; a name may be in several groups. */
  readonly groups: readonly (readonly string[])[];
}

export const nicknames: Nicknames = {
  publisher: "Sojourn",
  version: "2026.1",
  effective: { from: "2026-01-01" },
  source:
    "Compiled by Sojourn: short forms in general use in the United States, English and Spanish",
  groups: [
    "alexander alex sandy xander",
    "alexandra alex sandra alexa lexi",
    "andrew andy drew",
    "anthony tony",
    "antonio tony tono",
    "barbara barb barbie",
    "benjamin ben benny",
    "catherine katherine kathryn cathy kathy kate katie kat",
    "charles charlie chuck",
    "christina tina chris chrissy",
    "christopher chris topher",
    "daniel dan danny",
    "david dave davey",
    "deborah debra deb debbie",
    "donald don donnie",
    "edward ed eddie ted",
    "elizabeth liz lizzie beth betty eliza",
    "francisco paco pancho",
    "gregory greg",
    "guadalupe lupe lupita",
    "jacob jake",
    "james jim jimmy jamie",
    "jennifer jen jenny",
    "jessica jess jessie",
    "jesus chuy",
    "john jack johnny",
    "jonathan jon jonny",
    "jose pepe",
    "joseph joe joey",
    "joshua josh",
    "kenneth ken kenny",
    "lawrence larry",
    "margaret maggie meg peggy marge",
    "matthew matt",
    "michael mike mikey mickey",
    "nicholas nick nicky",
    "pamela pam",
    "patricia pat patty trish tricia",
    "patrick pat paddy",
    "rebecca becca becky",
    "richard rick ricky rich dick",
    "robert rob robbie bob bobby",
    "ronald ron ronnie",
    "samantha sam",
    "samuel sam sammy",
    "stephanie steph",
    "stephen steven steve",
    "susan sue susie",
    "theodore ted teddy theo",
    "thomas tom tommy",
    "timothy tim timmy",
    "victoria vicky tori",
    "william will bill billy liam",
  ].map((group) => group.split(" ")),
};
