/**
 * Whose a FHIR R4 resource is: where each type of the patient compartment (compartmentdefinition-patient.html) names its
 * patient. A type that is neither here nor patient-free is not understood, and what is not understood is refused.
 */

/** Dotted; arrays on the way are flattened. */
export const ownerPaths: ReadonlyMap<string, string> = new Map([
  ['Account', 'subject'],
  ['AdverseEvent', 'subject'],
  ['AllergyIntolerance', 'patient'],
  ['Appointment', 'participant.actor'],
  ['AppointmentResponse', 'actor'],
  ['BodyStructure', 'patient'],
  ['CarePlan', 'subject'],
  ['CareTeam', 'subject'],
  ['ChargeItem', 'subject'],
  ['Claim', 'patient'],
  ['ClaimResponse', 'patient'],
  ['ClinicalImpression', 'subject'],
  ['Communication', 'subject'],
  ['CommunicationRequest', 'subject'],
  ['Composition', 'subject'],
  ['Condition', 'subject'],
  ['Consent', 'patient'],
  ['Coverage', 'beneficiary'],
  ['DetectedIssue', 'patient'],
  ['Device', 'patient'],
  ['DeviceRequest', 'subject'],
  ['DeviceUseStatement', 'subject'],
  ['DiagnosticReport', 'subject'],
  ['DocumentManifest', 'subject'],
  ['DocumentReference', 'subject'],
  ['Encounter', 'subject'],
  ['EpisodeOfCare', 'patient'],
  ['ExplanationOfBenefit', 'patient'],
  ['FamilyMemberHistory', 'patient'],
  ['Flag', 'subject'],
  ['Goal', 'subject'],
  ['ImagingStudy', 'subject'],
  ['Immunization', 'patient'],
  ['ImmunizationEvaluation', 'patient'],
  ['ImmunizationRecommendation', 'patient'],
  ['Invoice', 'subject'],
  ['List', 'subject'],
  ['MeasureReport', 'subject'],
  ['Media', 'subject'],
  ['MedicationAdministration', 'subject'],
  ['MedicationDispense', 'subject'],
  ['MedicationRequest', 'subject'],
  ['MedicationStatement', 'subject'],
  ['MolecularSequence', 'patient'],
  ['NutritionOrder', 'patient'],
  ['Observation', 'subject'],
  ['Procedure', 'subject'],
  ['QuestionnaireResponse', 'subject'],
  ['RelatedPerson', 'patient'],
  ['RequestGroup', 'subject'],
  ['ResearchSubject', 'individual'],
  ['RiskAssessment', 'subject'],
  ['ServiceRequest', 'subject'],
  ['Specimen', 'subject'],
  ['SupplyDelivery', 'patient'],
  ['Task', 'for'],
  ['VisionPrescription', 'patient'],
])

/** Search parameters that name one patient, beside `patient` and `subject`. */
export const ownPins: ReadonlyMap<string, string> = new Map([
  ['Coverage', 'beneficiary'],
  ['ResearchSubject', 'individual'],
])

/** Types whose search has no `patient` parameter. */
const pinnedBySubject: ReadonlySet<string> = new Set(['AdverseEvent', 'RequestGroup', 'Specimen'])

/** The parameter that keeps a search to one patient. */
export const patientPin = (type: string): string | undefined =>
  ownerPaths.has(type) ? (pinnedBySubject.has(type) ? 'subject' : 'patient') : undefined

/** The parameter that keeps a search within one practice: sent by the gateway, never by the caller. */
export function practicePin(type: string): string | undefined {
  if (type === 'Patient') return 'organization'
  const pin = patientPin(type)
  return pin === 'subject' ? 'subject:Patient.organization' : pin && `${pin}.organization`
}
