/* Namespaces and the Core Business Vocabulary.
 *
 * What must remain true: every spelling of a term (bare word, CURIE, web URI, old URN) leads to one
 * bare word and one URI. The words are those of CBV 2.0 (JSON-LD context and JSON schema). */
#include "epcis_int.h"

#include <string.h>

/* --- namespaces ------------------------------------------------------------------------------------ */

static void add_name(struct arena *a, struct epcis_names *n, struct str prefix, struct str uri)
{
	if (n->count == n->room) {
		int room = n->room ? n->room * 2 : 16;
		struct epcis_name *items = arena_alloc(a, (size_t)room * sizeof(*items));
		if (n->count)
			memcpy(items, n->items, (size_t)n->count * sizeof(*items));
		n->items = items;
		n->room = room;
	}
	n->items[n->count++] = (struct epcis_name){ prefix, uri };
}

void epcis_names_begin(struct arena *a, struct epcis_names *n)
{
	*n = (struct epcis_names){ 0 };
	add_name(a, n, STR("gs1"), STR("https://gs1.org/voc/"));
	add_name(a, n, STR("cbv"), STR("https://ref.gs1.org/cbv/"));
	add_name(a, n, STR("epcis"), STR("https://ref.gs1.org/epcis/"));
	add_name(a, n, STR("cbvmda"), STR("urn:epcglobal:cbv:mda"));
	add_name(a, n, STR("rdfs"), STR("http://www.w3.org/2000/01/rdf-schema#"));
	add_name(a, n, STR("owl"), STR("http://www.w3.org/2002/07/owl#"));
	add_name(a, n, STR("xsd"), STR("http://www.w3.org/2001/XMLSchema#"));
	add_name(a, n, STR("dcterms"), STR("http://purl.org/dc/terms/"));
}

static void add_object(struct arena *a, struct epcis_names *n, const struct json *object)
{
	for (const struct json *m = object->child; m; m = m->next) {
		struct str uri = m->kind == JSON_STRING ? m->text : json_str(m, "@id");
		if (m->key.len && m->key.ptr[0] != '@' && uri.len)
			add_name(a, n, m->key, uri);
	}
}

void epcis_names_add(struct arena *a, struct epcis_names *n, const struct json *context)
{
	if (!context)
		return;
	if (context->kind == JSON_OBJECT)
		add_object(a, n, context);
	else if (context->kind == JSON_ARRAY)
		for (const struct json *m = context->child; m; m = m->next)
			if (m->kind == JSON_OBJECT)
				add_object(a, n, m);
}

struct epcis_names epcis_names_copy(const struct epcis_names *n)
{
	struct epcis_names copy = *n;
	copy.room = n->count; /* the next addition moves it */
	return copy;
}

const struct str *epcis_names_find(const struct epcis_names *n, struct str prefix)
{
	for (int i = n->count - 1; i >= 0; i--)
		if (str_eq(n->items[i].prefix, prefix))
			return &n->items[i].uri;
	return NULL;
}

struct str curie_expand(struct arena *a, const struct epcis_names *n, struct str text, enum epcis_profile p)
{
	struct str local = text, prefix = str_cut(&local, ':');
	if (prefix.len == text.len)
		return text;
	const struct str *uri = epcis_names_find(n, prefix);
	/* only words of GS1's own vocabularies are CURIEs in values; a partner's stays as written */
	if (!uri || !(str_starts(*uri, "https://ref.gs1.org") || str_starts(*uri, "https://gs1.org")))
		return text;
	struct str base = *uri;
	if (p == EPCIS_CBV21 && str_is(prefix, "gs1"))
		base = STR("https://ref.gs1.org/voc/");
	return feed_cat(a, (struct str[]){ base, local }, 2);
}

/* --- vocabularies ------------------------------------------------------------------------------------ */

static const struct {
	const char *uri, *urn, *terms;
} rows[VOCABULARY_COUNT] = {
	[VOCABULARY_STEP] = { "https://ref.gs1.org/cbv/BizStep-", "urn:epcglobal:cbv:bizstep:",
		"accepting arriving assembling collecting commissioning consigning "
		"creating_class_instance cycle_counting decommissioning departing destroying "
		"disassembling dispensing encoding entering_exiting holding inspecting installing killing "
		"loading other packing picking receiving removing repackaging repairing replacing reserving "
		"retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking "
		"storing transporting unloading unpacking void_shipping" },
	[VOCABULARY_DISPOSITION] = { "https://ref.gs1.org/cbv/Disp-", "urn:epcglobal:cbv:disp:",
		"active available completeness_inferred completeness_verified conformant container_closed "
		"container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit "
		"inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement "
		"no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved "
		"retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown" },
	[VOCABULARY_TRANSACTION] = { "https://ref.gs1.org/cbv/BTT-", "urn:epcglobal:cbv:btt:",
		"bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt" },
	[VOCABULARY_PARTY] = { "https://ref.gs1.org/cbv/SDT-", "urn:epcglobal:cbv:sdt:",
		"location owning_party possessing_party" },
	[VOCABULARY_REASON] = { "https://ref.gs1.org/cbv/ER-", "urn:epcglobal:cbv:er:",
		"did_not_occur incorrect_data" },
	[VOCABULARY_COMPONENT] = { "https://ref.gs1.org/cbv/Comp-", "urn:epcglobal:cbv:comp:",
		"altitude axial_distance azimuth easting elevation_angle height latitude longitude northing "
		"polar_angle spherical_radius x y z" },
	[VOCABULARY_MEASUREMENT] = { "https://gs1.org/voc/", "",
		"AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Activity Altitude "
		"AmountOfSubstance AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum "
		"AngularVelocity Area Capacitance Conductance Conductivity Count Density Dimensionless "
		"DoseEquivalent DoseEquivalentRate DynamicViscosity EffectiveDose EffectiveDoseRate "
		"ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure "
		"Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum "
		"Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity "
		"MagneticVectorPotential Mass MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity "
		"MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux "
		"RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle "
		"SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume "
		"VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber" },
	[VOCABULARY_EXCEPTION] = { "https://gs1.org/voc/", "", "ALARM_CONDITION ERROR_CONDITION" },
};

bool vocabulary_has(enum vocabulary v, struct str word)
{
	struct str terms = str_of(rows[v].terms);
	while (terms.len)
		if (str_eq(str_cut(&terms, ' '), word))
			return true;
	return false;
}

struct str vocabulary_uri(struct arena *a, enum vocabulary v, struct str word, enum epcis_profile p)
{
	bool moved = p == EPCIS_CBV21 && (v == VOCABULARY_MEASUREMENT || v == VOCABULARY_EXCEPTION);
	const char *base = moved ? "https://ref.gs1.org/voc/" : rows[v].uri;
	return feed_cat(a, (struct str[]){ str_of(base), word }, 2);
}

bool vocabulary_renew(struct arena *a, struct str text, struct str *out)
{
	for (int v = 0; v < VOCABULARY_COUNT; v++) {
		if (!rows[v].urn[0] || !str_starts(text, rows[v].urn))
			continue;
		struct str word = feed_from(text, strlen(rows[v].urn));
		*out = feed_cat(a, (struct str[]){ str_of(rows[v].uri), word }, 2);
		return true;
	}
	return false;
}

struct str vocabulary_bare(struct arena *a, const struct epcis_names *n, enum vocabulary v,
	struct str text)
{
	struct str uri = text;
	if (!vocabulary_renew(a, text, &uri))
		uri = curie_expand(a, n, text, EPCIS_CBV20);
	if (str_starts(uri, rows[v].uri)) {
		struct str word = feed_from(uri, strlen(rows[v].uri));
		if (vocabulary_has(v, word))
			return word;
	}
	const char *moved = "https://ref.gs1.org/voc/";
	if (str_starts(uri, moved) && vocabulary_has(v, feed_from(uri, strlen(moved))))
		return feed_from(uri, strlen(moved));
	return text;
}
