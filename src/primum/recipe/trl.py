"""What TRL calls the settings of a preference loss, and what they are called here."""

from primum.recipe.losses import CONSTANTS

_LIKELIHOOD = "{name}: the weight of the likelihood term (NLL) is called likelihood here"
_ONE_LENGTH = (
    "{name}: here max_length bounds prompt and response together, and cuts the prompt first; set "
    "max_length"
)
_REFERENCE = (
    "{name}: where the loss needs the starting model's log-probabilities, they are computed once, "
    "before the first step, and no second model is needed; leave it out"
)
_LOSSES = ", ".join(CONSTANTS)
_ONE_LOSS = f"{{name}}: the losses here are {_LOSSES}, without variants; leave it out"

_ANSWERS = {
    "simpo_gamma": "simpo_gamma is called gamma here",
    "gamma_beta_ratio": (
        "gamma_beta_ratio: set gamma, which is that ratio times beta (0.5 at beta=2 is gamma=1)"
    ),
    "loss_type": f"loss_type is called loss here: {_LOSSES}; sigmoid in TRL's DPOConfig is dpo",
    "cpo_alpha": _LIKELIHOOD,
    "rpo_alpha": _LIKELIHOOD,
    "sft_weight": _LIKELIHOOD,
    "max_prompt_length": _ONE_LENGTH,
    "max_completion_length": _ONE_LENGTH,
    "max_target_length": _ONE_LENGTH,
    "truncation_mode": _ONE_LENGTH,
    "reference_free": _REFERENCE,
    "ref_model": _REFERENCE,
    "ref_model_init_kwargs": _REFERENCE,
    "precompute_ref_log_probs": _REFERENCE,
    "precompute_ref_batch_size": _REFERENCE,
    "sync_ref_model": _REFERENCE,
    "label_smoothing": _ONE_LOSS,
    "loss_weights": _ONE_LOSS,
    "f_divergence_type": _ONE_LOSS,
    "ld_alpha": _ONE_LOSS,
    "discopop_tau": _ONE_LOSS,
    "use_weighting": (
        "use_weighting: the loss spa weighs pairs by their scores (alpha, gap); no other weights "
        "are known here"
    ),
    "padding_free": "padding_free: nothing is padded where the model allows; leave it out",
}


def trl_answer(name: str) -> str | None:
    """One sentence about a setting that TRL has under this name; None for any other name."""
    answer = _ANSWERS.get(name)
    return None if answer is None else answer.format(name=name)
