"""What the nurses of the demo ward wrote down, by the problem that an alert was about."""

from dataclasses import dataclass

from vitals.alert import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the patient said on the telephone, ill or well, the plan, and how it ended: treated, or not."""

    said: str
    plan: str
    done: str
    said_well: str = "Feels as usual. No new complaints, takes the tablets as before."
    nothing: str = "The readings since are as usual. Nothing to be done."
    nothing_outcome: Outcome = Outcome.NO_ACTION


WORDS: dict[str, Words] = {
    "fluid_gain": Words(
        said="More breathless on the stairs, ankles swollen, two pillows at night. No chest pain.",
        plan="Cardiologist informed: higher diuretic dose for three days, blood test on day 3.",
        done="Weight back near the usual after three days of the higher diuretic dose. Feels well.",
    ),
    "weight_loss": Words(
        said="Tired, light-headed on standing, eating as usual, drinks little. Passes a lot of urine.",
        plan="Diuretic dose to be reviewed with the cardiologist today; blood test for kidneys and salts.",
        done="Diuretic dose reduced; weight is coming back.",
    ),
    "pressure_low": Words(
        said="Dizzy on standing up since the dose was raised. Has not fallen. Drinks enough.",
        plan="To sit before standing. Dose to be reviewed by the prescriber today; call again tomorrow.",
        done="Dose halved by the prescriber; pressure back to the usual, no longer dizzy.",
        said_well="Not dizzy, eats and drinks as usual, no change of tablets.",
    ),
    "pressure_high": Words(
        said="No headache, no chest pain, sight and speech as usual. Missed tablets in the last days.",
        plan="To take the tablets today and measure again this evening; the GP is informed.",
        done="Treatment stepped up by the GP; pressure is coming down.",
        said_well="No complaints. Measures straight after coming in; slept badly this week.",
        nothing="Shown how to rest five minutes first. The readings since are as usual.",
        nothing_outcome=Outcome.MEASUREMENT_ERROR,
    ),
    "heart_rate_high": Words(
        said="Feels the heart race, no chest pain, no faint.",
        plan="ECG arranged; rate control to be reviewed by the cardiologist.",
        done="ECG: atrial fibrillation. Rate control stepped up; pulse is down.",
        nothing="Had just climbed the stairs. Pulse as usual since.",
    ),
    "oxygen_low": Words(
        said="More breathless than yesterday, speaks in full sentences, coughs a little.",
        plan="Doctor informed; to measure again within the hour with warm hands; ambulance if it falls.",
        done="Treated for a chest infection by the GP; saturation back to the usual.",
        said_well="No more breathless than usual. Hands were cold.",
        nothing="Cold hands, outdoors a moment before. Repeated warm: as usual.",
        nothing_outcome=Outcome.MEASUREMENT_ERROR,
    ),
    "copd_worsening": Words(
        said="More breathless for two days, sputum green and more of it. Uses the inhaler every four hours.",
        plan="Rescue pack started today after talking to the respiratory team; call tomorrow morning.",
        done="Rescue pack finished; saturation and pulse back to the usual.",
    ),
    "temperature_high": Words(
        said="Shivering since the night, coughs, drinks enough. Wound dry and not red.",
        plan="GP sees the patient today. To measure again every four hours.",
        done="Antibiotics from the GP; no fever since.",
    ),
    "glucose_low": Words(
        said="Shaky and sweating. Has taken 15 g of sugar; husband is there. Feels better after ten minutes.",
        plan="Glucose back above 100 mg/dL. Evening insulin to be reviewed with the diabetes nurse today.",
        done="Insulin dose lowered by the diabetes nurse; no lows since.",
    ),
    "glucose_high": Words(
        said="A cold for some days, eats less, drinks a lot. No vomiting, ketones not raised.",
        plan="Sick-day rules repeated; diabetes nurse informed; call tomorrow.",
        done="Insulin dose raised by the diabetes nurse; glucose is coming down.",
        said_well="Feels well. There was a birthday in the family.",
        nothing="A birthday. Back to the usual the next day.",
        nothing_outcome=Outcome.EXPECTED,
    ),
    "silence": Words(
        said="Feels well; had forgotten. Will measure this evening.",
        plan="To call again tomorrow if nothing comes.",
        done="Measures again.",
    ),
    "anything": Words(
        said="Feels as usual. No new complaints.",
        plan="To watch for the next two days.",
        done="Dealt with; the readings since are as usual.",
    ),
}
